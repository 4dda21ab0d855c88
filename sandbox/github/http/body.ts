/** Reading a request's body. */
import type { IncomingMessage } from "node:http";
import { badJson, tooLarge } from "./errors.js";

/** More than any request of this API needs; a secret has at most 48 KB. */
const LIMIT_BYTES = 1024 * 1024;

/** The whole body; rejects when the client goes away. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to the end in any case: leaving early would cut the connection under the answer.
    if (size <= LIMIT_BYTES) chunks.push(chunk);
  }
  if (size > LIMIT_BYTES) throw tooLarge();
  return Buffer.concat(chunks);
}

/** A JSON object, `{}` when there is no body. The error repeats nothing of the input. */
export function parseBody(content: Buffer): Record<string, unknown> {
  if (content.length === 0) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(content.toString("utf8"));
  } catch {
    throw badJson();
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw badJson("Body should be a JSON object");
  }
  return parsed as Record<string, unknown>;
}
