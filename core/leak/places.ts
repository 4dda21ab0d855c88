import type { Inventory } from "../model/inventory.js";
import { variableName } from "../model/names.js";
import { installationOf, type Settings } from "../model/settings.js";
import type { Located } from "../rotation/locate.js";

/**
 * Every place that a key of a source is derived to, in words: `host:vps-i1 /opt/p24-infra/monitoring/.env SMTP_PASSWORD`. It
 * follows core/model/desired.ts without opening anything: the file says where its keys go, the inventory's `to` and `as` where
 * they differ.
 */
export function derivedPlaces(
  { source, key }: Pick<Located, "source" | "key">,
  settings: Pick<Settings, "github" | "hosts" | "cloudflare">,
  inventory: Inventory,
): string[] {
  const entry = inventory.get(key);
  const hosts = Object.keys(settings.hosts);
  if (source === "stack") {
    return key === "cloudflare_zone_token" && settings.cloudflare !== undefined
      ? [`cloudflare:${settings.cloudflare.worker} (bound to the Worker)`]
      : [];
  }
  const name = entry?.as ?? variableName(key) ?? key;
  const wanted = entry?.to ?? conventional(source, hosts);
  return [...new Set(wanted.flatMap((place) => (place === "hosts" ? hosts : [place])))].flatMap((place) => {
    const host = settings.hosts[place];
    if (host !== undefined) {
      return [`host:${place} ${installationOf(host).directory}/.env ${name}`];
    }
    const { owner, repositories } = settings.github;
    return place === "github" ? repositories.map((repository) => `github:${owner}/${repository} ${name}`) : [];
  });
}

function conventional(source: string, hosts: readonly string[]): readonly string[] {
  switch (source) {
    case "shared":
      return hosts;
    case "github-actions":
      return ["github"];
    default:
      return [source];
  }
}
