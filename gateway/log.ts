/**
 * The record: one line of JSON a request, who changed what or why nothing was. Nothing of a token, a credential or a body but a
 * record's type and name is in it, and of a refused request's address only what cannot be one.
 */
import type { Run } from "./claims.js";

/** One request. */
export interface Entry {
  readonly event: "forwarded" | "refused";
  readonly method: string;
  /** Of a forwarded call the API's path; of a refused one {@link harmless}. */
  readonly path: string;
  /** What the caller got. */
  readonly status: number;
  readonly reason?: string;
  readonly detail?: string;
  /** What was written; `id` also of one that was made. */
  readonly record?: Readonly<Record<string, string>>;
  /** Cloudflare's number of the request. */
  readonly ray?: string;
  /** The job, once its token was verified. */
  readonly run?: Run;
}

/** The line of an entry. */
export function line({ run, ...entry }: Entry): string {
  return JSON.stringify({ gateway: "cloudflare-dns", ...entry, ...run });
}

const LONGEST_PATH = 160;

/** A path without what could be a secret: short segments of lower-case letters and digits stay, others become `…`. */
export function harmless(address: string): string {
  const path = /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(address)?.[1] ?? "";
  return path
    .split("/")
    .map((segment) => (/^[a-z0-9_]{0,32}$/.test(segment) ? segment : "…"))
    .join("/")
    .slice(0, LONGEST_PATH);
}

/** A text for the record: as it is, when it is a short one. */
export function short(value: unknown): string | undefined {
  return typeof value === "string" && value.length <= 255 ? value : undefined;
}

/** The number that Cloudflare gave a request. */
export function rayOf(headers: Headers): string | undefined {
  const ray = headers.get("cf-ray") ?? "";
  return /^[0-9a-f]{16}(?:-[A-Z]{3})?$/.test(ray) ? ray : undefined;
}
