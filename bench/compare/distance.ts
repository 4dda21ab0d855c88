import { type AddressInfo, createConnection, createServer, type Server, type Socket } from "node:net";

import type { SshServer } from "../../sandbox/hosts/server.js";

/**
 * An SSH server that is further away than loopback: a relay before it holds everything back for half a round trip each way,
 * and each connection for one at its beginning, as TCP's handshake does. What it does not imitate: a line's width, TCP's slow
 * start, and packets that are lost.
 */
export class DistantServer implements SshServer {
  fault = {};
  #distance: Distance | undefined;

  constructor(
    private readonly server: SshServer,
    private readonly rttMs: number,
  ) {}

  get port(): number {
    return this.#distance?.port ?? 0;
  }

  async up(identity?: string): Promise<void> {
    await this.server.up(identity);
    this.#distance ??= await startDistance(this.server.port, this.rttMs);
  }

  async down(): Promise<void> {
    await this.server.down();
  }

  async close(): Promise<void> {
    await this.#distance?.close();
    await this.server.close();
  }

  describe(): string {
    return `${this.server.describe()}; a relay before it makes a round trip ${String(this.rttMs)} ms long`;
  }
}

/** A relay that listens on a port of loopback. */
export interface Distance {
  readonly port: number;
  close(): Promise<void>;
}

/** Connects whoever comes with `port` of loopback, over a distance of `rttMs` there and back. */
export async function startDistance(port: number, rttMs: number): Promise<Distance> {
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (near) => {
    open.add(near);
    near.on("error", () => undefined).on("close", () => open.delete(near));
    setTimeout(() => {
      if (near.destroyed) {
        return;
      }
      const far = createConnection({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
      open.add(far.on("close", () => open.delete(far)));
      far.on("error", () => undefined);
      carry(near, far, rttMs / 2);
      carry(far, near, rttMs / 2);
    }, rttMs);
  });
  server.on("connection", (socket) => socket.setNoDelay(true));
  await new Promise<void>((listening, failed) => {
    server.once("error", failed).listen(0, "127.0.0.1", listening);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => {
          closed();
        });
        for (const socket of open) {
          socket.destroy();
        }
      }),
  };
}

/** Timers of the same length fire in the order in which they were set, so the bytes keep theirs. */
function carry(from: Socket, to: Socket, ms: number): void {
  from.on("data", (chunk: Buffer) => setTimeout(() => to.write(chunk), ms));
  from.on("end", () => setTimeout(() => to.end(), ms));
  from.on("close", (hadError) => hadError && setTimeout(() => to.resetAndDestroy(), ms));
}
