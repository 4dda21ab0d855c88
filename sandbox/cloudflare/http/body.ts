/** Reading a request's body. */
import type { IncomingMessage } from "node:http";

import { malformedJson, tooLarge } from "./errors.js";
import type { Body } from "./route.js";

/** A Worker of the paid plan has at most 10 MB. */
const LIMIT_BYTES = 10 * 1024 * 1024;

/** The whole body; rejects when the client goes away. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to the end in any case: leaving early would cut the connection under the answer.
    if (size <= LIMIT_BYTES) chunks.push(chunk);
  }
  if (size > LIMIT_BYTES) throw tooLarge();
  const content = Buffer.concat(chunks);
  return { content, contentType: request.headers["content-type"] ?? "", json: () => parsed(content) };
}

/** The error repeats nothing of the input. */
function parsed(content: Buffer): Record<string, unknown> {
  if (content.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(content.toString("utf8"));
  } catch {
    throw malformedJson();
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformedJson();
  return value as Record<string, unknown>;
}
