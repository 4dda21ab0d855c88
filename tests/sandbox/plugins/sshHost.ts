/**
 * A loopback SSH host for conformance tests: runs what it is told with /bin/sh, accepts only the environment names
 * that a case allows, and can misbehave on demand (dropped connections, another host identity, no exit status).
 */
import { spawn } from "node:child_process";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import ssh2, { type Connection, type ParsedKey, type ServerChannel, type Session } from "ssh2";
import { identities, testPassword } from "./sshIdentities.js";

/** How the host behaves in one case. */
export interface HostOptions {
  /** Environment names it accepts (sshd's AcceptEnv); none by default. */
  readonly acceptEnv?: readonly string[];
  /** The first connections are closed before the handshake. */
  readonly drop?: number;
  /** The first connections meet another host identity. */
  readonly impostor?: number;
  /** How a client may authenticate; `none` lets everybody in. */
  readonly auth?: "none" | "publickey" | "password" | "keyboard-interactive" | "refuse";
  /** Type of the host's identity. */
  readonly identity?: "ed25519" | "rsa";
}

/** A command as it reached the host. */
export interface Seen {
  readonly command: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A started host. `seen` grows as commands arrive; `dials` holds the time of each TCP connection in milliseconds. */
export interface SshHost {
  readonly port: number;
  readonly seen: Seen[];
  readonly dials: number[];
  readonly users: string[];
  close(): Promise<void>;
}

function parsed(text: string): ParsedKey {
  const result: ParsedKey | Error = ssh2.utils.parseKey(text);
  if (result instanceof Error) throw result;
  return result;
}

const accepted = [identities.client.public, identities.clientLocked.public].map(parsed);

/** Answers `test:` commands with what a shell cannot do; everything else goes to /bin/sh. */
function run(stream: ServerChannel, command: string, env: Record<string, string>, seen: Seen[]): void {
  const input: Buffer[] = [];
  const note = (): void => {
    const stdin = Buffer.concat(input).toString();
    seen.push({ command, ...(stdin === "" ? {} : { stdin }), ...(Object.keys(env).length === 0 ? {} : { env }) });
  };
  if (command.startsWith("test:")) {
    note();
    if (command === "test:signal") stream.exit("TERM", false, "stopped by the test");
    if (command === "test:deaf") stream.exit(0); // and has read nothing of its input
    stream.end();
    return;
  }
  const child = spawn("/bin/sh", ["-c", command], { env: { PATH: process.env["PATH"], ...env } });
  stream.on("data", (chunk: Buffer) => {
    input.push(chunk);
    child.stdin.write(chunk);
  });
  stream.on("end", () => child.stdin.end());
  child.stdin.on("error", () => {});
  child.stdout.on("data", (chunk: Buffer) => stream.write(chunk));
  child.stderr.on("data", (chunk: Buffer) => stream.stderr.write(chunk));
  child.on("close", (code) => {
    note();
    stream.exit(code ?? 255);
    stream.end();
  });
}

function serveSession(session: Session, options: HostOptions, seen: Seen[]): void {
  const env: Record<string, string> = {};
  session.on("env", (accept, reject, info: { key: string; val: string }) => {
    if (options.acceptEnv?.includes(info.key) !== true) {
      reject();
      return;
    }
    env[info.key] = info.val;
    accept();
  });
  session.on("exec", (accept, _reject, info) => {
    run(accept(), info.command, env, seen);
  });
}

function authenticate(client: Connection, auth: NonNullable<HostOptions["auth"]>, users: string[]): void {
  client.on("authentication", (context) => {
    const admit = (yes: boolean): void => {
      if (!yes) {
        context.reject(auth === "none" || auth === "refuse" ? [] : [auth]);
        return;
      }
      users.push(context.username);
      context.accept();
    };
    if (auth === "none") admit(true);
    else if (context.method !== auth) admit(false);
    else if (context.method === "password") admit(context.password === testPassword);
    else if (context.method === "keyboard-interactive") {
      context.prompt(["Word: "], (answers) => {
        admit(answers[0] === testPassword);
      });
    } else {
      const key = accepted.find((k) => k.getPublicSSH().equals(context.key.data));
      const { blob, signature } = context;
      if (key === undefined) admit(false);
      else if (blob === undefined || signature === undefined)
        context.accept(); // it may go on to sign
      else admit(key.verify(blob, signature, context.hashAlgo));
    }
  });
}

function sshServer(identity: string, options: HostOptions, seen: Seen[], users: string[]): ssh2.Server {
  return new ssh2.Server({ hostKeys: [identity] }, (client) => {
    client.on("error", () => {});
    authenticate(client, options.auth ?? "none", users);
    client.on("session", (accept) => {
      serveSession(accept(), options, seen);
    });
    client.on("request", (_accept, reject) => reject?.());
    client.on("tcpip", (accept, reject, info) => {
      if (info.destIP !== "127.0.0.1") {
        reject();
        return;
      }
      const socket = connect(info.destPort, info.destIP);
      socket.once("error", () => {
        reject();
      });
      socket.once("connect", () => {
        const channel = accept();
        socket.removeAllListeners("error").on("error", () => {
          channel.close();
        });
        channel.on("error", () => socket.destroy());
        socket.pipe(channel).pipe(socket);
      });
    });
  });
}

/** Starts a host on a free port of 127.0.0.1. */
export async function startSshHost(options: HostOptions): Promise<SshHost> {
  const [seen, dials, users] = [[] as Seen[], [] as number[], [] as string[]];
  const own = options.identity === "rsa" ? identities.hostRsa : identities.host;
  const genuine = sshServer(own.private, options, seen, users);
  const impostor = sshServer(identities.impostor.private, options, seen, users);
  const sockets = new Set<Socket>();
  const door = createServer({ noDelay: true }, (socket) => {
    dials.push(performance.now());
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    if (dials.length <= (options.drop ?? 0)) return void socket.destroy();
    (dials.length <= (options.impostor ?? 0) ? impostor : genuine).injectSocket(socket);
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  return {
    port: (door.address() as AddressInfo).port,
    seen,
    dials,
    users,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) =>
        door.close(() => {
          resolve();
        }),
      );
    },
  };
}
