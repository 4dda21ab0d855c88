/** Sending an answer with the headers that every answer of GitHub has, and conditional requests. */
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Reply } from "./route.js";

/** GitHub's request ids, shortened: groups of hex digits. */
const requestId = (): string => randomBytes(12).toString("hex").toUpperCase().match(/.{4}/g)?.join(":") ?? "";

/** Headers of every answer. `server` says what this is. */
export function commonHeaders(): Record<string, string> {
  return {
    server: "stand-in (GitHub API emulated on loopback)",
    "x-github-request-id": requestId(),
    "x-github-media-type": "github.v3; format=json",
    "x-github-api-version-selected": "2022-11-28",
    "cache-control": "private, max-age=60, s-maxage=60",
    vary: "Accept, Authorization, Cookie, X-GitHub-OTP",
  };
}

/** A weak validator over what is sent and who asked, as GitHub's differ by caller. */
export function etag(json: string, caller: string): string {
  return `W/"${createHash("sha256").update(caller).update("\0").update(json).digest("hex")}"`;
}

/** Whether If-None-Match holds the validator (weak comparison, RFC 9110, 13.1.2). */
export function matches(request: IncomingMessage, validator: string): boolean {
  const bare = (tag: string): string => tag.trim().replace(/^W\//, "");
  return (request.headers["if-none-match"] ?? "").split(",").some((tag) => bare(tag) === bare(validator));
}

/** Writes an answer out. HEAD gets the headers only. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const content = reply.json === undefined ? undefined : Buffer.from(JSON.stringify(reply.json));
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(content ? { "content-type": "application/json; charset=utf-8", "content-length": String(content.length) } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : content);
}
