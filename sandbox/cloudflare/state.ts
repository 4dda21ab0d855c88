/** What the emulated Cloudflare remembers. Nothing of it is ever written to a file. */
import { randomBytes } from "node:crypto";

import type { Token } from "./access.js";
import type { Domain, Worker } from "./workers.js";

/** Record types that are emulated; all others are refused as such. */
export type RecordType = "A" | "AAAA" | "CAA" | "CNAME" | "MX" | "NS" | "SRV" | "TXT";

export interface DnsRecord {
  id: string;
  type: RecordType;
  /** Whole and in lower case: `www.example.test`. */
  name: string;
  content: string;
  /** What CAA and SRV are made of. */
  data?: Record<string, unknown>;
  /** MX and SRV. */
  priority?: number;
  /** Seconds; 1 is automatic. */
  ttl: number;
  proxied: boolean;
  comment: string | null;
  tags: string[];
  createdOn: Date;
  modifiedOn: Date;
}

export interface Zone {
  id: string;
  name: string;
  createdOn: Date;
  records: Map<string, DnsRecord>;
}

/** One account with its zones and Workers. */
export class State {
  readonly accountId = hexId();
  readonly accountName = "p24";
  readonly zones = new Map<string, Zone>();
  /** By name. */
  readonly workers = new Map<string, Worker>();
  /** By id. */
  readonly domains = new Map<string, Domain>();
  /** By value. */
  readonly tokens = new Map<string, Token>();

  constructor(readonly now: () => Date) {}
}

/** Cloudflare's identifiers: 32 hex digits. */
export function hexId(): string {
  return randomBytes(16).toString("hex");
}
