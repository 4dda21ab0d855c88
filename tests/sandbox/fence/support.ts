/** A fence with one emulated host, and ways to speak to it that no well-behaved client has. */
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFence, type Fence, type FenceOptions } from "../../../sandbox/fence/index.js";

export interface Fixture {
  fence: Fence;
  folder: string;
  /** What the emulated host was asked: method, path, Host. */
  seen: string[];
  close(): Promise<void>;
}

/** Starts a fence whose `api.test` echoes what it is asked. */
export async function startFixture(options: Partial<FenceOptions> = {}): Promise<Fixture> {
  const folder = mkdtempSync(join(tmpdir(), "fence-test-"));
  const seen: string[] = [];
  const fence = await startFence({
    caDir: folder,
    ...options,
    routes: {
      "api.test": async (request, response) => {
        seen.push(`${request.method} ${request.url} ${request.headers.host}`);
        let body = "";
        for await (const chunk of request) body += String(chunk);
        response.end(`echo ${request.url} ${body}`);
      },
      "broken.test": () => {
        throw new Error("broken on purpose");
      },
      ...options.routes,
    },
  });
  return {
    fence,
    folder,
    seen,
    async close() {
      await fence.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Sends bytes to the fence and gives everything that comes back until it closes, or until `enough` fits. */
export function raw(fence: Fence, bytes: string, enough?: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(fence.url);
    const socket = net.connect(Number(port), hostname, () => socket.write(bytes));
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
      if (enough?.test(text)) socket.end();
    });
    socket.on("error", reject).on("close", () => resolve(text));
  });
}

/** Opens a CONNECT and gives the socket, paused, after the answer's head, with its status line. */
export function connect(fence: Fence, target: string, extra = ""): Promise<{ socket: net.Socket; status: string }> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(fence.url);
    const socket = net.connect(Number(port), hostname, () =>
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n${extra}`, "latin1"),
    );
    socket.on("error", reject);
    let head = Buffer.alloc(0);
    const collect = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      socket.off("data", collect);
      socket.pause();
      socket.unshift(head.subarray(end + 4));
      resolve({ socket, status: head.toString("latin1").split("\r\n", 1)[0] ?? "" });
    };
    socket.on("data", collect);
  });
}

/** A plain HTTP server on loopback. */
export async function startServer(
  handler: http.RequestListener,
  host = "127.0.0.1",
): Promise<{ port: number; close(): Promise<void> }> {
  const server = http.createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
