/**
 * The calls of Cloudflare's API that are forwarded: the records of one zone, and the look-up of that zone that clients make
 * first. Pure. What is forwarded is built anew from what was understood here; nothing of the request's own address is.
 */
import type { CompiledPolicy } from "./policy.js";
import { Refusal } from "./refusal.js";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
type Method = (typeof METHODS)[number];

/** A call that may be forwarded once its caller is known. */
export type Call =
  /** `ours`: whether our zone is what is asked for, on the first page. */
  | { readonly kind: "zones"; readonly method: "GET"; readonly ours: boolean }
  | { readonly kind: "zone"; readonly method: "GET" }
  | { readonly kind: "records"; readonly method: "GET" | "POST"; readonly search: string }
  | { readonly kind: "record"; readonly method: Exclude<Method, "POST">; readonly id: string };

/**
 * Parameters of lists, as `cloudflare` 7.3.0 on npm has them (RecordListParams with V4PagePaginationArrayParams, and
 * ZoneListParams). Those of the zone look-up but `name` and `page` are taken and not passed on: there is one zone.
 */
const RECORD_QUERY = new Set([
  ...["direction", "match", "order", "page", "per_page", "proxied", "search", "tag_match", "type"],
  ...["include_shadow_metadata", "shadowed_by_name", "shadowing_name"],
  ...["name", "content", "comment", "tag"].flatMap((field) => [
    field,
    ...["absent", "contains", "endswith", "exact", "present", "startswith"].map((operator) => `${field}.${operator}`),
  ]),
]);
const ZONE_QUERY = new Set([
  ...["name", "status", "type", "account.id", "account.name"],
  ...["direction", "match", "order", "page", "per_page"],
]);
const LONGEST_ADDRESS = 4096;

/** Scheme, authority, and the rest as it is. An authority with a user or a port is no host name of the policy. */
const ADDRESS = /^(https?):\/\/([^/?#\\]*)([^]*)$/;
/** Everything before the zone is fixed; what follows an id is an id or nothing. No percent sign fits, and no dot. */
const PATH = /^\/client\/v4\/zones(?:\/([0-9a-f]{32})(\/dns_records(?:\/([0-9a-f]{32}))?)?)?$/;

/**
 * Reads method and raw address of a request. Throws a Refusal.
 * @param address as the runtime has it, not normalized by us
 */
export function readCall(method: string, address: string, policy: CompiledPolicy): Call {
  if (address.length > LONGEST_ADDRESS) {
    throw new Refusal("path", `${String(address.length)} characters`);
  }
  const [, scheme, host = "", rest = ""] = ADDRESS.exec(address) ?? [];
  if (scheme !== "https") {
    throw new Refusal("scheme");
  }
  if (!policy.hosts.has(host)) {
    throw new Refusal("host");
  }
  const known = METHODS.find((allowed) => allowed === method);
  if (known === undefined) {
    throw new Refusal("method");
  }
  const question = rest.indexOf("?");
  const path = question === -1 ? rest : rest.slice(0, question);
  const query = question === -1 ? "" : rest.slice(question + 1);
  return readPath(known, path, query, policy);
}

function readPath(method: Method, path: string, query: string, policy: CompiledPolicy): Call {
  const match = PATH.exec(path);
  if (match === null) {
    throw new Refusal("path");
  }
  const [, zone, records, id] = match;
  if (zone !== undefined && zone !== policy.zone.id) {
    throw new Refusal("zone");
  }
  if (id !== undefined) {
    readQuery(query, NONE);
    return { kind: "record", method: only(method, "GET", "PUT", "PATCH", "DELETE"), id };
  }
  if (records !== undefined) {
    const allowed = only(method, "GET", "POST");
    const search = readQuery(query, allowed === "GET" ? RECORD_QUERY : NONE).toString();
    return { kind: "records", method: allowed, search };
  }
  if (zone !== undefined) {
    readQuery(query, NONE);
    return { kind: "zone", method: only(method, "GET") };
  }
  const asked = readQuery(query, ZONE_QUERY);
  const ours = (asked.get("name") ?? policy.zone.name) === policy.zone.name && (asked.get("page") ?? "1") === "1";
  return { kind: "zones", method: only(method, "GET"), ours };
}

const NONE: ReadonlySet<string> = new Set();

function only<M extends Method>(method: Method, ...allowed: readonly M[]): M {
  const found = allowed.find((one) => one === method);
  if (found === undefined) {
    throw new Refusal("method");
  }
  return found;
}

/**
 * Parameters in plain letters, each once. A value is decoded and encoded anew; one that is not UTF-8, or holds what ends a
 * line, is refused.
 */
function readQuery(query: string, allowed: ReadonlySet<string>): URLSearchParams {
  const found = new URLSearchParams();
  for (const pair of query === "" ? [] : query.split("&")) {
    const [, name, raw] = /^([a-z_.]+)=([A-Za-z0-9%+\-._~!$'()*,:@/]*)$/.exec(pair) ?? [];
    const value = raw === undefined ? undefined : decode(raw);
    if (name === undefined || value === undefined || !allowed.has(name) || found.has(name)) {
      throw new Refusal("query");
    }
    found.append(name, value);
  }
  return found;
}

function decode(raw: string): string | undefined {
  try {
    const value = decodeURIComponent(raw.replaceAll("+", " "));
    return /\p{Cc}/u.test(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
