/** Passing a connection or a request through to a loopback address. Addresses are literals: nothing is looked up. */
import http from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";

/** Headers that belong to one connection and are not passed on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Connects to the first of the addresses that accepts; rejects with the last error. */
export async function connectLoopback(addresses: string[], port: number): Promise<net.Socket> {
  let failure: unknown = new Error("no address");
  for (const host of addresses) {
    try {
      return await new Promise<net.Socket>((resolve, reject) => {
        const socket = net.connect({ host, port, allowHalfOpen: true });
        socket.once("connect", () => {
          socket.off("error", reject);
          resolve(socket);
        });
        socket.once("error", reject);
      });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Joins two connections in both directions; when one breaks, so does the other. */
export function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
    from.pipe(to);
  }
}

/** Sends a plain request on to a loopback server and its answer back. */
export async function forward(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  target: { addresses: string[]; port: number; path: string },
  track: (socket: net.Socket) => void,
): Promise<void> {
  const socket = await connectLoopback(target.addresses, target.port);
  track(socket);
  const dropped = new Set([...HOP_BY_HOP, ...(request.headers.connection ?? "").toLowerCase().split(/\s*,\s*/)]);
  const kept = (raw: string[]): string[] =>
    raw.filter((_, index) => !dropped.has((raw[index - (index % 2)] ?? "").toLowerCase()));
  const onward = http.request({
    createConnection: () => socket,
    method: request.method ?? "GET",
    path: target.path,
    headers: kept(request.rawHeaders),
    setHost: false,
  });
  response.on("close", () => onward.destroy());
  await new Promise<void>((resolve, reject) => {
    onward.on("error", reject);
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, kept(answer.rawHeaders));
      answer.pipe(response);
      answer.on("error", reject);
      response.on("close", resolve);
    });
    request.pipe(onward);
  });
}
