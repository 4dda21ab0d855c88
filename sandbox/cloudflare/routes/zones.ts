/** Zones, looked up by name or id. Shape: `Zone` of npm `cloudflare` 7.3.0, resources/zones. */
import type { Zone as ZoneShape } from "cloudflare/resources/zones/zones";

import { mayOnZone, requireZone } from "../access.js";
import { paged } from "../http/pages.js";
import type { Route } from "../http/route.js";
import type { State, Zone } from "../state.js";

function shape(zone: Zone, state: State): ZoneShape {
  const at = zone.createdOn.toISOString();
  return {
    id: zone.id,
    name: zone.name,
    status: "active",
    paused: false,
    type: "full",
    development_mode: 0,
    name_servers: ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"],
    original_name_servers: null,
    original_registrar: null,
    original_dnshost: null,
    modified_on: at,
    created_on: at,
    activated_on: at,
    meta: { step: 2, custom_certificate_quota: 0, page_rule_quota: 3, phishing_detected: false },
    owner: { id: state.accountId, type: "user" },
    account: { id: state.accountId, name: state.accountName },
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the API still sends it
    plan: { id: "0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee", name: "Free Website", price: 0, currency: "USD" },
  };
}

export const zoneRoutes: readonly Route[] = [
  {
    method: "GET",
    template: "/zones",
    run: ({ state, caller, query }) => {
      const wanted = (zone: Zone) =>
        fits(query.get("name"), zone.name) &&
        fits(query.get("status"), "active") &&
        fits(query.get("account.id"), state.accountId) &&
        fits(query.get("account.name"), state.accountName);
      const seen = [...state.zones.values()].filter((zone) => mayOnZone(caller, zone.id, "Zone", "Read"));
      return paged(
        seen.filter(wanted).map((zone) => shape(zone, state)),
        query,
        20,
        50,
      );
    },
  },
  {
    method: "GET",
    template: "/zones/{zone}",
    run: ({ state, caller, params }) => {
      const id = params["zone"] ?? "";
      requireZone(caller, id, "Zone", "Read");
      return { result: shape(state.zones.get(id) as Zone, state) };
    },
  },
];

const fits = (asked: string | null, value: string): boolean => asked === null || asked === "" || asked === value;
