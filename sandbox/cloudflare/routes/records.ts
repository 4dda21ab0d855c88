/** DNS records. Shapes: `RecordResponse` and the filters of `RecordListParams`, npm `cloudflare` 7.3.0, resources/dns. */
import type { RecordDeleteResponse, RecordResponse } from "cloudflare/resources/dns/records";

import { type Level, requireZone } from "../access.js";
import { noRecord } from "../http/errors.js";
import { paged } from "../http/pages.js";
import type { Context, Route } from "../http/route.js";
import { proxiable, recordFrom } from "../records.js";
import type { DnsRecord, Zone } from "../state.js";

export function recordShape(record: DnsRecord): RecordResponse {
  const { id, type, name, content, ttl, proxied, comment, tags, data, priority } = record;
  return {
    id,
    name,
    type,
    content,
    proxiable: proxiable(type),
    proxied,
    ttl,
    settings: {},
    meta: {},
    comment,
    tags,
    created_on: record.createdOn.toISOString(),
    modified_on: record.modifiedOn.toISOString(),
    ...(data === undefined ? {} : { data }),
    ...(priority === undefined ? {} : { priority }),
  } as RecordResponse;
}

function zoneOf({ state, caller, params }: Context, level: Level): Zone {
  const id = params["zone"] ?? "";
  requireZone(caller, id, "DNS", level);
  return state.zones.get(id) as Zone;
}

function recordOf(zone: Zone, { params }: Context): DnsRecord {
  const record = zone.records.get(params["record"] ?? "");
  if (record === undefined) throw noRecord();
  return record;
}

function save(zone: Zone, record: DnsRecord) {
  zone.records.set(record.id, record);
  return { result: recordShape(record) };
}

const FILTERED = ["name", "content", "comment"] as const;

/** `name=X` and `name.exact=X` are equal, the other comparisons as they are called; all of them must hold (`match=all`). */
function wanted(record: DnsRecord, query: URLSearchParams): boolean {
  const type = query.get("type");
  const proxied = query.get("proxied");
  return (
    (type === null || type === record.type) &&
    (proxied === null || proxied === String(record.proxied)) &&
    FILTERED.every((field) => {
      const value = (record[field] ?? "").toLowerCase();
      const asked = (how: string) => query.get(`${field}${how}`)?.toLowerCase();
      const exact = asked("") ?? asked(".exact");
      return (
        (exact === undefined || value === exact) &&
        value.startsWith(asked(".startswith") ?? "") &&
        value.endsWith(asked(".endswith") ?? "") &&
        value.includes(asked(".contains") ?? "")
      );
    })
  );
}

const LIST = "/zones/{zone}/dns_records";
const ONE = "/zones/{zone}/dns_records/{record}";

export const recordRoutes: readonly Route[] = [
  {
    method: "GET",
    template: LIST,
    run: (context) => {
      const zone = zoneOf(context, "Read");
      const found = [...zone.records.values()].filter((record) => wanted(record, context.query));
      const sorted = found.sort((one, other) => (one.name + one.type < other.name + other.type ? -1 : 1));
      return paged(sorted.map(recordShape), context.query, 100, 5000);
    },
  },
  {
    method: "POST",
    template: LIST,
    run: (context) => {
      const zone = zoneOf(context, "Write");
      return save(zone, recordFrom(zone, context.body.json(), context.state.now()));
    },
  },
  {
    method: "GET",
    template: ONE,
    run: (context) => ({ result: recordShape(recordOf(zoneOf(context, "Read"), context)) }),
  },
  {
    method: "PUT",
    template: ONE,
    run: (context) => {
      const zone = zoneOf(context, "Write");
      return save(zone, recordFrom(zone, context.body.json(), context.state.now(), recordOf(zone, context)));
    },
  },
  {
    method: "PATCH",
    template: ONE,
    run: (context) => {
      const zone = zoneOf(context, "Write");
      const former = recordOf(zone, context);
      return save(zone, recordFrom(zone, context.body.json(), context.state.now(), former, former));
    },
  },
  {
    method: "DELETE",
    template: ONE,
    run: (context) => {
      const zone = zoneOf(context, "Write");
      const { id } = recordOf(zone, context);
      zone.records.delete(id);
      return { result: { id } satisfies RecordDeleteResponse };
    },
  },
];
