import { timingSafeEqual } from "node:crypto";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";

import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from "ssh2";

/** What may go wrong between the caller and the host. Everything is off when absent. */
export interface ConnectionFault {
  /** Before a command is started. */
  readonly delayMs?: number;
  /** The connection is cut as soon as the command was sent this many bytes. */
  readonly cutAfterInput?: number;
  /** The connection is cut as soon as the command answered this many bytes. */
  readonly cutAfterOutput?: number;
}

export interface ServerOptions {
  readonly user: string;
  /** Read at every login, as sshd does. */
  readonly authorizedKeys: string;
  /** The host's private identity, PEM or OpenSSH form. */
  readonly identity: string;
  /** The forced command. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly port: number;
}

/** A host's SSH server, whatever it is made of. */
export interface SshServer {
  fault: ConnectionFault;
  readonly port: number;
  /** Starts to listen, with the host's identity or another one; always on the same port after the first time. */
  up(identity?: string): Promise<void>;
  /** Stops listening and drops all connections. */
  down(): Promise<void>;
  /** Ends everything. */
  close(): Promise<void>;
  describe(): string;
}

/**
 * One host's SSH server on loopback, as OpenSSH behaves with `restrict,command="…"` in authorized_keys: one user, public
 * key only, and whatever is asked for (a command, a shell, a subsystem) the forced command is run instead. No terminal,
 * no forwarding, no environment.
 */
export class HostServer implements SshServer {
  fault: ConnectionFault = {};
  readonly #connections = new Set<Connection>();
  readonly #children = new Set<ChildProcess>();
  #server: ssh2.Server | undefined;
  #port: number;

  constructor(private readonly options: ServerOptions) {
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  /** Starts to listen; always on the same port after the first time. */
  async up(identity = this.options.identity): Promise<void> {
    await this.down();
    const server = new ssh2.Server({ hostKeys: [identity], keepaliveInterval: 0 }, (connection) => {
      this.#accept(connection);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Stops listening and drops all connections. Commands that run go on, as they do when a network breaks. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) {
      return;
    }
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    this.#connections.forEach((connection) => {
      drop(connection);
    });
    await closed;
  }

  /** Ends everything, also the commands that still run. */
  async close(): Promise<void> {
    await this.down();
    const gone = [...this.#children].map((child) => new Promise((resolve) => child.once("close", resolve)));
    this.#children.forEach((child) => child.kill("SIGKILL"));
    await Promise.all(gone);
  }

  describe(): string {
    return "ssh: stand-in for OpenSSH's sshd, with one user and one forced command";
  }

  #accept(connection: Connection): void {
    this.#connections.add(connection);
    // Without it every answer waits for the acknowledgement of the one before: 40 ms each on Linux.
    (connection as Connection & { setNoDelay(on: boolean): void }).setNoDelay(true);
    connection.on("error", () => undefined);
    connection.on("close", () => this.#connections.delete(connection));
    connection.on("authentication", (context) => {
      if (isSyncUser(context, this.options)) {
        context.accept();
      } else {
        context.reject(["publickey"]);
      }
    });
    connection.on("request", (_accept, reject) => reject?.());
    connection.on("tcpip", (_accept, reject) => {
      reject();
    });
    connection.on("session", (accept) => {
      this.#session(accept(), connection);
    });
  }

  #session(session: Session, connection: Connection): void {
    const run = (asked: string, accept: () => ServerChannel) => {
      setTimeout(() => {
        this.#run(asked, accept(), connection);
      }, this.fault.delayMs ?? 0);
    };
    session.on("exec", (accept, _reject, { command }) => {
      run(command, accept);
    });
    session.on("shell", (accept) => {
      run("", accept);
    });
    session.on("subsystem", (accept, _reject, { name }) => {
      run(name, accept);
    });
    session.on("pty", (_accept, reject) => reject());
    session.on("env", (_accept, reject) => reject());
    session.on("x11", (_accept, reject) => reject());
    session.on("auth-agent", (_accept, reject) => reject());
    session.on("signal", (_accept, reject) => reject());
  }

  #run(asked: string, channel: ServerChannel, connection: Connection): void {
    const [program, ...args] = this.options.command;
    const env = { PATH: "/usr/bin:/bin", USER: this.options.user, SSH_ORIGINAL_COMMAND: asked };
    const child = spawn(program, args, { env, cwd: "/", stdio: ["pipe", "pipe", "pipe"] });
    this.#children.add(child);
    const count = (limit: number | undefined) => {
      let bytes = 0;
      return (chunk: Buffer) => {
        bytes += chunk.length;
        if (limit !== undefined && bytes >= limit) {
          drop(connection);
        }
      };
    };
    channel.on("data", count(this.fault.cutAfterInput));
    child.stdout.on("data", count(this.fault.cutAfterOutput));
    child.stdin.on("error", () => undefined);
    channel.on("error", () => undefined);
    channel.pipe(child.stdin);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    // sshd closes the pipes when the connection dies and lets the command be; the hangup is for one that only waits.
    channel.on("close", () => {
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
      child.kill("SIGHUP");
    });
    child.on("error", () => {
      channel.exit(127);
      channel.end();
    });
    child.on("close", (code, signal) => {
      this.#children.delete(child);
      if (!channel.writable) {
        return;
      }
      if (signal === null) {
        channel.exit(code ?? 255);
      } else {
        channel.exit(signal.slice(3), false, "");
      }
      channel.end();
    });
  }
}

function drop(connection: Connection): void {
  // The socket itself, so that the other side sees a broken connection and not a farewell.
  const { _sock: socket } = connection as unknown as { _sock?: { destroy(): void } };
  socket?.destroy();
  connection.end();
}

function isSyncUser(context: AuthContext, { user, authorizedKeys }: ServerOptions): boolean {
  if (context.method !== "publickey" || context.username !== user) {
    return false;
  }
  return readFileSync(authorizedKeys, "utf8")
    .split("\n")
    .flatMap((line) => /(?:^|\s)((?:ssh|ecdsa)-[a-z0-9-]+ [A-Za-z0-9+/=]+)/.exec(line)?.[1] ?? [])
    .some((line) => {
      const allowed = ssh2.utils.parseKey(line);
      if (allowed instanceof Error) {
        return false;
      }
      const shown = context.key.data;
      const known = allowed.getPublicSSH();
      if (shown.length !== known.length || !timingSafeEqual(shown, known)) {
        return false;
      }
      // Without a signature the client only asks whether the public part would do.
      return (
        context.signature === undefined ||
        (context.blob !== undefined && allowed.verify(context.blob, context.signature, context.hashAlgo))
      );
    });
}
