/** The way of one request: fault, caller, route, answer, log. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import type { Fault, Faults } from "../api/faults.js";
import type { RequestLog } from "../api/log.js";
import { authenticate, type Token } from "./access.js";
import { readBody } from "./http/body.js";
import { ApiError, noRoute } from "./http/errors.js";
import type { Body, createRouter, Reply } from "./http/route.js";
import type { State } from "./state.js";

/** A request that no route answers, or that a route could not. */
export interface Unhandled {
  readonly method: string;
  readonly path: string;
  readonly reason: string;
}

export interface Parts {
  readonly state: State;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly router: ReturnType<typeof createRouter>;
  readonly unhandled: Unhandled[];
}

interface Answer {
  readonly status: number;
  readonly content: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const BASE = "/client/v4";

/** Answers one request. Never rejects. */
export async function dispatch(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const method = request.method ?? "GET";
  const { path, query } = locate(request.url ?? "/");
  const fault = parts.faults.take(method, path);
  const at = parts.state.now().toISOString();
  let caller: Token | undefined;
  const note = (status: number): void => {
    const who = caller === undefined ? "refused" : `token:${caller.name}`;
    parts.log.add({ at, method, path, query: query.toString(), status, caller: who, fault: fault !== undefined });
  };
  try {
    const body = await readBody(request);
    if (fault?.delayMs) await sleep(fault.delayMs);
    const spoiled = fault !== undefined && (fault.dropConnection === true || fault.status !== undefined);
    let answer: Answer | undefined;
    if (!spoiled || fault.applied) {
      answer = await answered(parts, method, path, query, body, () => {
        caller = authenticate(request.headers.authorization, parts.state);
        return caller;
      });
    }
    if (fault?.dropConnection) {
      note(0);
      request.socket.destroy();
      return;
    }
    if (fault?.status !== undefined) answer = faulty(fault, fault.status);
    send(response, method, answer ?? envelope(500, { errors: [] }), note);
  } catch (error) {
    if (response.destroyed || request.socket.destroyed) {
      note(0);
      return;
    }
    send(response, method, refused(parts, method, path, error), note);
  }
}

function locate(url: string): { path: string; query: URLSearchParams } {
  const mark = url.indexOf("?");
  const raw = mark < 0 ? url : url.slice(0, mark);
  const path = raw.startsWith(`${BASE}/`) ? raw.slice(BASE.length) : `(outside of ${BASE})${raw}`;
  return { path, query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)) };
}

async function answered(
  parts: Parts,
  method: string,
  path: string,
  query: URLSearchParams,
  body: Body,
  identify: () => Token,
): Promise<Answer> {
  try {
    const caller = identify();
    const match = parts.router(method === "HEAD" ? "GET" : method, path);
    if (match === undefined) {
      parts.unhandled.push({ method, path, reason: "no route" });
      throw noRoute(path);
    }
    const context = { params: match.params, query, body, caller, state: parts.state };
    return rendered(await match.route.run(context));
  } catch (error) {
    return refused(parts, method, path, error);
  }
}

/** A mistake of the stand-in itself must not pass for an answer of Cloudflare. */
function refused(parts: Parts, method: string, path: string, error: unknown): Answer {
  if (error instanceof ApiError) return envelope(error.status, { errors: error.errors });
  parts.unhandled.push({ method, path, reason: `the stand-in failed: ${String(error)}` });
  return envelope(500, { errors: [{ code: 500, message: "the stand-in failed" }] });
}

function rendered(reply: Reply): Answer {
  if ("raw" in reply) {
    return { status: 200, content: reply.raw, headers: { ...reply.headers, "content-type": reply.contentType } };
  }
  return envelope(reply.status ?? 200, reply);
}

/** Every answer of the API but raw content has this form. */
function envelope(
  status: number,
  parts: {
    readonly result?: unknown;
    readonly resultInfo?: unknown;
    readonly errors?: readonly unknown[];
    readonly messages?: readonly unknown[];
  },
): Answer {
  const json = {
    result: parts.result ?? null,
    success: status < 400,
    errors: parts.errors ?? [],
    messages: parts.messages ?? [],
    ...(parts.resultInfo === undefined ? {} : { result_info: parts.resultInfo }),
  };
  return { status, content: Buffer.from(JSON.stringify(json)), headers: { "content-type": "application/json" } };
}

function faulty(fault: Fault, status: number): Answer {
  const standard = envelope(status, { errors: [{ code: status, message: "Injected fault" }] });
  const retry = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
  const content = fault.body === undefined ? standard.content : Buffer.from(JSON.stringify(fault.body));
  return { status, content, headers: { ...standard.headers, ...retry, ...fault.headers } };
}

/** `server` says what this is. */
function send(response: ServerResponse, method: string, answer: Answer, note: (status: number) => void): void {
  note(answer.status);
  response.writeHead(answer.status, {
    server: "stand-in (Cloudflare API emulated on loopback)",
    "cf-ray": `${randomBytes(8).toString("hex")}-WAW`,
    ...answer.headers,
    "content-length": String(answer.content.length),
  });
  response.end(method === "HEAD" ? undefined : answer.content);
}
