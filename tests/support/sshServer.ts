/**
 * An SSH server on loopback for tests: shows one identity, lets one public part in, and answers each command with what
 * the test says. It is ssh2's server, so it proves how our side behaves, not how OpenSSH does.
 */
import { type AddressInfo, createServer, type Socket } from "node:net";

import ssh2, { type ServerChannel } from "ssh2";

import { sshPair } from "./identities.js";

export interface SshServer {
  readonly port: number;
  /** As the settings pin it: algorithm and base64. */
  readonly hostKey: string;
  /** Every command that was run. */
  readonly commands: string[];
  /** Names of the users that tried to log in. */
  readonly users: Set<string>;
  /** Every request to be let in, by its method (RFC 4252, section 5). */
  readonly methods: string[];
  close(): Promise<void>;
}

export interface SshServerOptions {
  /** OpenSSH public part that may log in; nobody may when left out. */
  readonly authorized?: string;
  /** The server's own private parts, when not a fresh one. */
  readonly hostKeys?: readonly string[];
  /** What a command does. */
  readonly onCommand?: (channel: ServerChannel, command: string, socket: Socket) => void;
  /** Called with each connection; SSH begins when it is done. */
  readonly onSocket?: (socket: Socket) => unknown;
}

/** Ends a command as a program would: output, error output, exit code. */
export function answerWith(stdout: string, stderr = "", code = 0): NonNullable<SshServerOptions["onCommand"]> {
  return (channel) => {
    channel.stderr.write(stderr);
    channel.write(stdout);
    channel.exit(code);
    channel.end();
  };
}

export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const { authorized, onCommand = answerWith("") } = options;
  const hostKeys = options.hostKeys ?? [sshPair().private];
  const commands: string[] = [];
  const users = new Set<string>();
  const methods: string[] = [];
  const sockets = new Set<Socket>();
  const allowed = authorized === undefined ? undefined : parse(authorized);
  const begin = async (socket: Socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => undefined));
    await options.onSocket?.(socket);
    if (socket.destroyed) {
      return;
    }
    const ssh = new ssh2.Server({ hostKeys: [...hostKeys] }, (connection) => {
      connection.on("error", () => undefined);
      connection.on("authentication", (context) => {
        users.add(context.username);
        methods.push(context.method);
        if (
          context.method === "publickey" &&
          allowed?.getPublicSSH().equals(context.key.data) === true &&
          (context.signature === undefined || allowed.verify(context.blob ?? Buffer.alloc(0), context.signature))
        ) {
          context.accept();
        } else {
          context.reject(["publickey"]);
        }
      });
      connection.on("session", (accept) => {
        accept().on("exec", (acceptExec, _, { command }) => {
          commands.push(command);
          onCommand(acceptExec(), command, socket);
        });
      });
    });
    ssh.injectSocket(socket);
  };
  const server = createServer({ noDelay: true }, (socket) => void begin(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: publicPart(hostKeys[0] ?? ""),
    commands,
    users,
    methods,
    close: async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Algorithm and base64 of a private part's public side. */
export function publicPart(privatePart: string): string {
  const parsed = parse(privatePart);
  return `${parsed.type} ${parsed.getPublicSSH().toString("base64")}`;
}

function parse(text: string) {
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error) {
    throw parsed;
  }
  return parsed;
}
