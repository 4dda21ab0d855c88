/** The body of a call that writes a record, and the limits that a policy may put on it. Pure but for reading the stream. */
import { readLimited, TooLong } from "./limited.js";
import type { RecordLimit } from "./policy.js";
import { Refusal } from "./refusal.js";
import { parseStrictObject } from "./strictJson.js";

/** Far above the largest record: a TXT's content has at most 2,048 characters, a comment 500. */
const LONGEST_BODY_BYTES = 32_768;

/** A record as a caller sends it, or as the API has it. */
export type RecordBody = Readonly<Record<string, unknown>>;

/** Fields of a record that is written (`cloudflare` 7.3.0 on npm, RecordCreateParams). */
const FIELDS = new Set("comment content data name priority private_routing proxied settings tags ttl type".split(" "));
/** Parts of `data` that once made up the record's name. */
const NAMING = new Set(["name", "proto", "service"]);

/** Reads the body of POST, PUT or PATCH. Throws a Refusal. */
export async function readBody(request: Request): Promise<RecordBody> {
  if (!/^application\/json(?:; ?charset=utf-8)?$/i.test(request.headers.get("content-type") ?? "")) {
    throw new Refusal("body.type");
  }
  if (request.headers.has("content-encoding")) {
    throw new Refusal("body.encoding");
  }
  const body = parseStrictObject(await readWhole(request.body));
  if (body === undefined) {
    throw new Refusal("body.form");
  }
  return body;
}

async function readWhole(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  try {
    return await readLimited(body, LONGEST_BODY_BYTES);
  } catch (error) {
    throw error instanceof TooLong ? new Refusal("body.size") : error;
  }
}

/**
 * Holds what is to be written against the limit. Other fields than a record's are refused then: the API's reader may not
 * tell upper and lower case apart, and would find a second `Name`. Throws a Refusal.
 * @param whole the body makes a whole record (POST, PUT), and does not only change one
 */
export function checkWritten(body: RecordBody, limit: RecordLimit, whole: boolean): void {
  if (!limit.limited) {
    return;
  }
  if (Object.keys(body).some((field) => !FIELDS.has(field)) || namesInData(body["data"])) {
    throw new Refusal("body.form");
  }
  for (const field of ["type", "name"] as const) {
    if (whole || Object.hasOwn(body, field)) {
      checkField(field, body, limit);
    }
  }
}

/** Holds the record that is to be changed or deleted, as the API has it, against the limit. Throws a Refusal. */
export function checkPresent(record: RecordBody, limit: RecordLimit): void {
  checkField("type", record, limit);
  checkField("name", record, limit);
}

function checkField(field: "type" | "name", record: RecordBody, limit: RecordLimit): void {
  const value = record[field];
  const allows = field === "type" ? limit.allowsType : limit.allowsName;
  if (typeof value !== "string" || !allows(value)) {
    throw new Refusal(`record.${field}`);
  }
}

function namesInData(data: unknown): boolean {
  return (
    typeof data === "object" && data !== null && Object.keys(data).some((field) => NAMING.has(field.toLowerCase()))
  );
}
