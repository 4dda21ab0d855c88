/** An HTTP server on loopback that answers a list of prepared answers, one a request, the last one for ever. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Prepared = (response: ServerResponse, request: IncomingMessage) => void;

export interface HttpServer {
  readonly url: string;
  /** Every request: method, path and headers. */
  readonly requests: { readonly line: string; readonly headers: IncomingMessage["headers"] }[];
  close(): Promise<void>;
}

/** An answer with a status, a JSON document and headers. */
export function json(status: number, body: unknown = {}, headers: Record<string, string> = {}): Prepared {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
}

export async function startHttpServer(...answers: readonly Prepared[]): Promise<HttpServer> {
  const requests: HttpServer["requests"] = [];
  const server = createServer((request, response) => {
    requests.push({ line: `${request.method ?? ""} ${request.url ?? ""}`, headers: request.headers });
    answers[Math.min(requests.length, answers.length) - 1]?.(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
