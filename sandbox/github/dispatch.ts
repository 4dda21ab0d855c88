/** The way of one request: fault, caller, limits, route, access, answer, log. */
import { setTimeout as sleep } from "node:timers/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticate } from "./access/authenticate.js";
import { callerName, type Credential, type Credentials } from "./access/credentials.js";
import { permit, permitRepository } from "./access/permit.js";
import { parseBody, readBody } from "./http/body.js";
import { ApiError, noUserAgent, notFound } from "./http/errors.js";
import type { Reply } from "./http/route.js";
import type { createRouter } from "./http/router.js";
import { commonHeaders, etag, matches, send } from "./http/send.js";
import type { Fault, Faults } from "../api/faults.js";
import type { PrimaryLimit } from "./limits/primary.js";
import type { SecondaryCounter } from "./limits/secondary.js";
import type { RequestLog } from "../api/log.js";
import { answerViewer, answerWorkflows, asksForWorkflows, notEmulated, viewerFields } from "./routes/graphql.js";
import { UNCOUNTED } from "./routes/limits.js";
import type { State } from "./state/state.js";
import { locate, type Location } from "./locate.js";

/** A request that no route answers, or that a route could not. */
export interface Unhandled {
  method: string;
  path: string;
  reason: string;
}

export interface Parts {
  state: State;
  credentials: Credentials;
  faults: Faults;
  primary: PrimaryLimit;
  secondary: SecondaryCounter;
  log: RequestLog;
  router: ReturnType<typeof createRouter>;
  unhandled: Unhandled[];
  /** The present time, for the log. */
  clock: () => Date;
}

const WRITES = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** Answers one request. Never rejects. */
export async function dispatch(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const method = request.method ?? "GET";
  const at = parts.clock().toISOString();
  const location = locate(request, parts.state);
  const fault = parts.faults.take(method, location.path);
  let caller: Credential | undefined;
  const note = (status: number): void =>
    parts.log.add({
      at,
      method,
      path: location.path,
      query: location.query.toString(),
      status,
      caller: caller ? callerName(caller) : "refused",
      fault: fault !== undefined,
    });

  try {
    const content = await readBody(request);
    if (fault?.delayMs) await sleep(fault.delayMs);
    let reply: Reply | undefined;
    let headers = commonHeaders();
    if (fault && !fault.applied && (fault.dropConnection || fault.status !== undefined)) {
      caller = known(parts, request);
    } else {
      try {
        caller = identify(parts, request);
        count(parts, method, location, caller);
        reply = await answer(parts, method, location, caller, content);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        reply = { status: error.status, json: error.body, headers: error.headers };
      }
    }
    // What comes from in front of the API itself (5xx) knows nothing of limits.
    if (caller && (fault?.status ?? 0) < 500) headers = { ...headers, ...parts.primary.headers(caller) };
    if (fault?.dropConnection) {
      note(0);
      request.socket.destroy();
      return;
    }
    if (fault?.status !== undefined) reply = faulty(fault, fault.status);
    finish(parts, request, response, reply ?? { status: 500 }, headers, caller, note);
  } catch (error) {
    if (response.destroyed || request.socket.destroyed) {
      note(0);
      return;
    }
    const reply = error instanceof ApiError ? { status: error.status, json: error.body } : { status: 500, json: {} };
    // A mistake of the stand-in itself must not pass for an answer of GitHub.
    if (!(error instanceof ApiError)) {
      parts.unhandled.push({ method, path: location.path, reason: `the stand-in failed: ${String(error)}` });
    }
    note(reply.status);
    send(request, response, { ...reply, headers: commonHeaders() });
  }
}

/** The caller of a request that a fault answers, for the log. */
function known(parts: Parts, request: IncomingMessage): Credential | undefined {
  try {
    return authenticate(request.headers.authorization, parts.credentials, parts.state);
  } catch {
    return undefined;
  }
}

/** The caller, or the refusal of one who cannot be told. */
function identify(parts: Parts, request: IncomingMessage): Credential {
  if (!request.headers["user-agent"]) throw noUserAgent();
  return authenticate(request.headers.authorization, parts.credentials, parts.state);
}

/** Counts a request against the caller's limits. */
function count(parts: Parts, method: string, location: Location, caller: Credential): void {
  if (location.path !== UNCOUNTED) parts.primary.take(caller);
  if (WRITES.has(method) && location.path !== "/graphql") parts.secondary.take(callerName(caller));
}

async function answer(
  parts: Parts,
  method: string,
  location: Location,
  caller: Credential,
  content: Buffer,
): Promise<Reply> {
  const { path, query, api } = location;
  if (method === "POST" && path === "/graphql") {
    const { query: asked, variables } = parseBody(content);
    const fields = viewerFields(asked);
    if (fields) return answerViewer(caller, fields);
    if (asksForWorkflows(asked)) return answerWorkflows(parts.state, caller, variables);
    parts.unhandled.push({ method, path, reason: "a GraphQL query other than viewer and workflow files" });
    return notEmulated;
  }
  const match = parts.router(method, path);
  if (!match) {
    parts.unhandled.push({ method, path, reason: "no route" });
    throw notFound();
  }
  const { route, params } = match;
  const context = { params, query, caller, state: parts.state, api, path: location.canonical };
  if (route.access.kind !== "repository") {
    permit(route.access, caller);
    return route.run({ ...context, body: parseBody(content) });
  }
  const { owner = "", repo = "" } = params;
  const found = parts.state.repository(owner, repo);
  const moved = found ? undefined : parts.state.renamed(owner, repo);
  const { permission, level } = route.access;
  const repository = permitRepository(parts.state, caller, found ?? moved, permission, level);
  if (moved) {
    const rest = path
      .split("/")
      .slice(4)
      .map((segment) => `/${segment}`)
      .join("");
    const url = `${api}/repositories/${moved.id}${rest}`;
    return {
      status: method === "GET" ? 301 : 307,
      headers: { location: url },
      json: { message: "Moved Permanently", url },
    };
  }
  return route.run({ ...context, body: parseBody(content), repository });
}

function faulty(fault: Fault, status: number): Reply {
  const json = fault.body ?? { message: status >= 500 ? "Server Error" : "Injected fault", status: String(status) };
  const retry = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
  return { status, json, headers: { ...retry, ...fault.headers } };
}

/** Sends the answer, or 304 when the client has it already; a 304 does not count against the limit. */
function finish(
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  common: Record<string, string>,
  caller: Credential | undefined,
  note: (status: number) => void,
): void {
  const headers = { ...common, ...reply.headers };
  const cacheable = (request.method === "GET" || request.method === "HEAD") && reply.status === 200;
  if (cacheable && caller) {
    const validator = etag(JSON.stringify(reply.json), callerName(caller));
    headers.etag = validator;
    if (matches(request, validator)) {
      parts.primary.giveBack(caller);
      note(304);
      return send(request, response, { status: 304, headers: { ...headers, ...parts.primary.headers(caller) } });
    }
  }
  note(reply.status);
  send(request, response, { ...reply, headers });
}
