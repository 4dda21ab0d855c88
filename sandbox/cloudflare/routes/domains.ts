/** Host names of Workers. Shapes: `DomainUpdateResponse` of npm `cloudflare` 7.3.0, resources/workers/domains. */
import type { DomainUpdateResponse } from "cloudflare/resources/workers/domains";

import { ApiError, noRoute } from "../http/errors.js";
import type { Context, Reply, Route } from "../http/route.js";
import { hexId, type State } from "../state.js";
import { type Domain, workerNamed } from "../workers.js";
import { permitted } from "./scripts.js";

const shape = ({ id, hostname, service, zoneId, zoneName, certId }: Domain): DomainUpdateResponse => ({
  id,
  hostname,
  service,
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the API still sends it
  environment: "production",
  zone_id: zoneId,
  zone_name: zoneName,
  cert_id: certId,
});

/** Attaches a host name; one that is attached already is moved, under its former id. */
export function attach(state: State, hostname: string, service: string): Domain {
  const zone = [...state.zones.values()].find(({ name }) => hostname === name || hostname.endsWith(`.${name}`));
  if (zone === undefined)
    throw new ApiError(400, { code: 10082, message: "No zone of the account holds this hostname" });
  const former = [...state.domains.values()].find((domain) => domain.hostname === hostname);
  const ids = { id: former?.id ?? hexId(), certId: former?.certId ?? hexId() };
  const domain: Domain = { ...ids, hostname, service, zoneId: zone.id, zoneName: zone.name };
  state.domains.set(domain.id, domain);
  return domain;
}

function put(context: Context): Reply {
  permitted(context, "Write");
  const { hostname, service, zone_id: zoneId } = context.body.json();
  if (typeof hostname !== "string" || typeof service !== "string") {
    throw new ApiError(400, { code: 10004, message: "hostname and service are required" });
  }
  workerNamed(context.state, service);
  if (zoneId !== undefined && (typeof zoneId !== "string" || !context.state.zones.has(zoneId)))
    throw noRoute("/workers/domains");
  return { result: shape(attach(context.state, hostname, service)) };
}

function one(context: Context): Domain {
  const domain = context.state.domains.get(context.params["domain"] ?? "");
  if (domain === undefined) throw new ApiError(404, { code: 10024, message: "No such domain" });
  return domain;
}

function list(context: Context): Reply {
  permitted(context, "Read");
  const asked = (name: string, value: string) => (context.query.get(name) ?? value) === value;
  const all = [...context.state.domains.values()].map(shape);
  return {
    result: all.filter(
      (domain) =>
        asked("hostname", domain.hostname) &&
        asked("service", domain.service) &&
        asked("zone_id", domain.zone_id) &&
        asked("zone_name", domain.zone_name),
    ),
  };
}

const LIST = "/accounts/{account}/workers/domains";

export const domainRoutes: readonly Route[] = [
  { method: "PUT", template: LIST, run: put },
  { method: "GET", template: LIST, run: list },
  {
    method: "GET",
    template: `${LIST}/{domain}`,
    run: (context) => {
      permitted(context, "Read");
      return { result: shape(one(context)) };
    },
  },
  {
    method: "DELETE",
    template: `${LIST}/{domain}`,
    run: (context) => {
      permitted(context, "Write");
      context.state.domains.delete(one(context).id);
      return { result: null };
    },
  },
];
