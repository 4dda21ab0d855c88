import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers one call: the JSON body of the request in, what becomes the JSON body of the answer out. */
export type Action = (body: Record<string, unknown>, path: readonly string[]) => unknown;

/** A running control endpoint on loopback. */
export interface Control {
  readonly url: string;
  /** What a caller sends as `Authorization: Bearer …`. Made anew at every start. */
  readonly credential: string;
  /** What it answers to: `GET status`, `POST github/set`, … A trailing `*` takes any further path. */
  readonly actions: Map<string, Action>;
  close(): Promise<void>;
}

/**
 * The door for tests and people to look at what a place holds, to change it behind the program's back and to inject
 * faults. Loopback only, and only with the credential of `.sandbox/env`.
 */
export async function startControl(): Promise<Control> {
  const credential = randomBytes(24).toString("hex");
  const actions = new Map<string, Action>();
  const server = createServer((request, response) => {
    void answer(request, response, credential, actions);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    credential,
    actions,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  credential: string,
  actions: ReadonlyMap<string, Action>,
): Promise<void> {
  const reply = (status: number, body: unknown) => {
    response.writeHead(status, { "content-type": "application/json", connection: "close" });
    response.end(`${JSON.stringify(body)}\n`);
  };
  if (!sameText(request.headers.authorization ?? "", `Bearer ${credential}`)) {
    reply(401, { error: "the credential is in .sandbox/env: P24_CONTROL_CREDENTIAL" });
    return;
  }
  const path = (request.url ?? "/")
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  const call = [...actions].find(([name]) => matches(name, `${request.method ?? ""} ${path.join("/")}`));
  if (call === undefined) {
    reply(404, { error: "unknown call", calls: [...actions.keys()] });
    return;
  }
  try {
    reply(200, (await call[1](await readJson(request), path)) ?? {});
  } catch (error) {
    reply(400, { error: error instanceof Error ? error.message : "failed" });
  }
}

function matches(name: string, call: string): boolean {
  return name.endsWith("*") ? call.startsWith(name.slice(0, -1)) : call === name;
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
