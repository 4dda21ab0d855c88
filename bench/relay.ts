/** An HTTP relay on loopback that writes down what passes, and makes each request wait for a while first. */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";

export interface Call {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** Of the body that was sent. */
  readonly bytes: number;
}

export interface Relay {
  readonly url: string;
  /** In the order in which they were sent; may be emptied. */
  readonly calls: Call[];
  close(): Promise<void>;
}

export async function startRelay(to: string, delayMs: number): Promise<Relay> {
  const { hostname, port } = new URL(to);
  const calls: Call[] = [];
  const server = createServer((incoming, answer) => {
    const { method = "", url = "", headers } = incoming;
    const held: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => held.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(held);
      calls.push({ method, path: url.split("?")[0] ?? "", bytes: body.length });
      void setTimeout(delayMs).then(() => {
        const outgoing = request({ hostname, port, method, path: url, headers }, (response) => {
          answer.writeHead(response.statusCode ?? 502, response.headers);
          response.pipe(answer);
        });
        outgoing.on("error", () => answer.destroy());
        outgoing.end(body);
      });
    });
  });
  await new Promise<void>((started) => server.listen(0, "127.0.0.1", started));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    calls,
    close: () =>
      new Promise((closed) => {
        server.close(() => {
          closed();
        });
        server.closeAllConnections();
      }),
  };
}
