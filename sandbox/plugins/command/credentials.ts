/** What a connection brings to the handshake: the pinned host identity, a private key, a password, an agent. */
import { connect } from "node:net";
import ssh2 from "ssh2";
import { Failure } from "../wire/failure.js";
import type { Login } from "./run.js";

/** Parsed once per connection, before the first attempt. */
export interface Credentials {
  readonly hostKey?: { readonly type: string; readonly blob: Buffer };
  readonly identity?: ssh2.ParsedKey;
  readonly password?: string;
  readonly agent?: ssh2.BaseAgent;
}

/** The first public key in a text in the form of authorized_keys: comments, options before and words after it are fine. */
function publicKey(text: string): { type: string; blob: Buffer } {
  for (const line of text.split("\n")) {
    if (line.trim().startsWith("#")) continue;
    const words = line.trim().split(/\s+/);
    for (const word of words.slice(1)) {
      const blob = Buffer.from(word, "base64");
      if (blob.length < 8 || blob.toString("base64").replace(/=+$/, "") !== word.replace(/=+$/, "")) continue;
      const length = blob.readUInt32BE(0);
      const type = blob.subarray(4, 4 + length).toString();
      if (/^(ssh-|ecdsa-|sk-)[a-z0-9@.-]+$/.test(type)) return { type, blob };
    }
  }
  throw new Failure("failed to parse host key: ssh: no key found");
}

function privateKey(login: Login): ssh2.ParsedKey {
  const { utils } = ssh2;
  const text = login.privateKey ?? "";
  const open = utils.parseKey(text);
  if (login.privateKeyPassword !== undefined && !(open instanceof Error)) {
    throw new Failure("ssh: key is not password protected");
  }
  const result: ssh2.ParsedKey | Error = open instanceof Error ? utils.parseKey(text, login.privateKeyPassword) : open;
  if (!(result instanceof Error)) return result;
  if (!text.includes("PRIVATE KEY")) throw new Failure("ssh: no key found");
  if (/no passphrase/i.test(result.message)) throw new Failure("ssh: this private key is passphrase protected");
  if (login.privateKeyPassword !== undefined) throw new Failure("x509: decryption password incorrect");
  throw new Failure("ssh: invalid private key");
}

/** Connects to the agent's socket once, so that a missing agent fails before the first attempt to reach the host. */
function probe(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", (err: NodeJS.ErrnoException) => {
      const words: Readonly<Record<string, string>> = {
        ENOENT: "no such file or directory",
        ECONNREFUSED: "connection refused",
        EACCES: "permission denied",
      };
      reject(new Failure(`dial unix ${path}: connect: ${words[err.code ?? ""] ?? err.code ?? "unknown error"}`));
    });
  });
}

/** Reads the credentials of a connection. The agent is the one of the inputs, else that of SSH_AUTH_SOCK, if any. */
export async function credentialsOf(login: Login): Promise<Credentials> {
  const hostKey = login.hostKey === undefined ? undefined : publicKey(login.hostKey);
  const identity = login.privateKey === undefined ? undefined : privateKey(login);
  const socket = login.agentSocketPath ?? process.env["SSH_AUTH_SOCK"] ?? "";
  if (login.agentSocketPath !== undefined || socket !== "") await probe(socket);
  return {
    ...(hostKey === undefined ? {} : { hostKey }),
    ...(identity === undefined ? {} : { identity }),
    ...(login.password === undefined ? {} : { password: login.password }),
    ...(socket === "" ? {} : { agent: ssh2.createAgent(socket) }),
  };
}

type Method = "none" | "publickey" | "password" | "keyboard-interactive";
type Next = (left: string[] | null, partial: boolean, use: (auth: unknown) => void) => void;

/** Hands the ways to authenticate to ssh2, one after the other. */
export interface Offers {
  readonly next: Next;
  /** The sentence when none was left. */
  failure(): string;
}

/**
 * The order of the official plugin: none, private key, password, keyboard-interactive, agent; a method that failed is
 * not tried again, so beside a refused private key the agent is not asked.
 */
export function offers(username: string, credentials: Credentials): Offers {
  const ways: [Method, object][] = [];
  const { identity, password, agent } = credentials;
  if (identity !== undefined) ways.push(["publickey", { type: "publickey", username, key: identity }]);
  if (password !== undefined) {
    ways.push(["password", { type: "password", username, password }]);
    const prompt = (
      _name: string,
      _text: string,
      _language: string,
      questions: unknown[],
      answer: (a: string[]) => void,
    ): void => {
      answer(questions.map(() => password));
    };
    ways.push(["keyboard-interactive", { type: "keyboard-interactive", username, prompt }]);
  }
  if (agent !== undefined) ways.push(["publickey", { type: "agent", username, agent }]);
  const tried: Method[] = [];
  let current: Method = "none";
  let started = false;
  return {
    failure: () => `ssh: unable to authenticate, attempted methods [${tried.join(" ")}], no supported methods remain`,
    next(left, partial, use) {
      if (!started) {
        started = true;
        use({ type: "none", username });
        return;
      }
      if (!partial && !tried.includes(current)) tried.push(current);
      const way = ways.find(([method]) => !tried.includes(method) && left?.includes(method) === true);
      if (way === undefined) {
        use(false);
        return;
      }
      current = way[0];
      use(way[1]);
    },
  };
}
