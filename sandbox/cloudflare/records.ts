/** Which DNS records can be: what the API makes of a body, and what it refuses. */
import { isIP } from "node:net";

import { hostTaken, identicalRecord, recordInvalid } from "./http/errors.js";
import { type DnsRecord, hexId, type RecordType, type Zone } from "./state.js";

const TYPES: readonly RecordType[] = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "SRV", "TXT"];
const PROXIABLE: readonly RecordType[] = ["A", "AAAA", "CNAME"];
const HOST =
  /^(?=.{1,253}$)(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

type Fields = Readonly<Record<string, unknown>>;

export const proxiable = (type: RecordType): boolean => PROXIABLE.includes(type);

/** The record that `fields` describe; what they leave out comes from `base` (PATCH) or is the default. Throws the refusal. */
export function recordFrom(zone: Zone, fields: Fields, at: Date, former?: DnsRecord, base?: DnsRecord): DnsRecord {
  const type = typeOf(fields["type"] ?? base?.type);
  const data = dataOf(fields["data"] ?? base?.data);
  const record: DnsRecord = {
    id: former?.id ?? hexId(),
    type,
    name: fullName(text(fields["name"] ?? base?.name, 9000, "DNS name is invalid."), zone),
    content: contentOf(type, fields["content"] ?? (data === undefined ? base?.content : undefined), data),
    ttl: ttlOf(fields["ttl"] ?? base?.ttl ?? 1),
    proxied: fields["proxied"] === undefined ? (base?.proxied ?? false) : fields["proxied"] === true,
    comment: commentOf(fields["comment"] === undefined ? (base?.comment ?? null) : fields["comment"]),
    tags: Array.isArray(fields["tags"]) ? fields["tags"].map(String) : (base?.tags ?? []),
    createdOn: former?.createdOn ?? at,
    modifiedOn: at,
  };
  if (data !== undefined) record.data = data;
  const priority = fields["priority"] ?? data?.["priority"] ?? base?.priority;
  if (typeof priority === "number") record.priority = priority;
  if (type === "MX" && record.priority === undefined) throw recordInvalid(9101, "priority is a required data field.");
  if (record.proxied && !proxiable(type)) {
    throw recordInvalid(9004, "This record type cannot be proxied.");
  }
  if (record.proxied) record.ttl = 1;
  refuseConflicts(zone, record);
  return record;
}

function refuseConflicts(zone: Zone, record: DnsRecord): void {
  const sameHost = [...zone.records.values()].filter(({ id, name }) => id !== record.id && name === record.name);
  if (sameHost.some(({ type, content }) => type === record.type && content === record.content)) throw identicalRecord();
  const taken = sameHost.some(({ type }) => proxiable(type) && (type === "CNAME") !== (record.type === "CNAME"));
  const secondAlias = record.type === "CNAME" && sameHost.some(({ type }) => type === "CNAME");
  if (proxiable(record.type) && (taken || secondAlias)) throw hostTaken();
}

function typeOf(value: unknown): RecordType {
  const found = TYPES.find((type) => type === value);
  if (found === undefined) throw recordInvalid(9026, "DNS record type is invalid, or not emulated by this stand-in.");
  return found;
}

function text(value: unknown, code: number, message: string): string {
  if (typeof value !== "string" || value === "") throw recordInvalid(code, message);
  return value;
}

/** `@`, a name below the zone, or the whole name; the zone's own name is added where it is missing. */
function fullName(given: string, zone: Zone): string {
  const lower = given.toLowerCase().replace(/\.$/, "");
  const inside = lower === zone.name || lower.endsWith(`.${zone.name}`);
  const name = lower === "@" ? zone.name : inside ? lower : `${lower}.${zone.name}`;
  if (!HOST.test(name)) throw recordInvalid(9000, "DNS name is invalid.");
  return name;
}

function contentOf(type: RecordType, value: unknown, data: Fields | undefined): string {
  if (type === "CAA" && data !== undefined) {
    return `${String(data["flags"])} ${String(data["tag"])} "${String(data["value"])}"`;
  }
  if (type === "SRV" && data !== undefined) {
    return [data["weight"], data["port"], data["target"]].map(String).join(" ");
  }
  const content = text(value, 9020, `Content for ${type} record is invalid.`);
  if (type === "A" && isIP(content) !== 4) {
    throw recordInvalid(9005, "Content for A record must be a valid IPv4 address.");
  }
  if (type === "AAAA" && isIP(content) !== 6) {
    throw recordInvalid(9006, "Content for AAAA record must be a valid IPv6 address.");
  }
  if ((type === "CNAME" || type === "MX" || type === "NS") && !HOST.test(content.toLowerCase().replace(/\.$/, ""))) {
    throw recordInvalid(9007, `Content for ${type} record is invalid.`);
  }
  if (content.length > 4096) throw recordInvalid(9020, `Content for ${type} record is too long.`);
  return content;
}

function dataOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function ttlOf(value: unknown): number {
  const allowed =
    typeof value === "number" && Number.isInteger(value) && (value === 1 || (value >= 60 && value <= 86400));
  if (!allowed) throw recordInvalid(9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.");
  return value;
}

function commentOf(value: unknown): string | null {
  if (value === null || value === "") return null;
  if (typeof value !== "string" || value.length > 100) throw recordInvalid(9300, "DNS record has an invalid comment.");
  return value;
}
