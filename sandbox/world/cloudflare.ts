import { type CloudflareWorld, createCloudflare } from "../cloudflare/index.js";
import type { RepositoryInfo } from "../github/index.js";

/** The team's zone at the emulated Cloudflare, its gateway's Worker, and the host name that it answers under. */
export const ZONE = "p24.example";
export const WORKER = "p24-dns-gateway";
export const GATEWAY_HOST = `dns-gateway.${ZONE}`;

/** The team's account at the emulated Cloudflare, with a gateway wanted or not. */
export interface TeamCloudflare {
  readonly cloudflare: CloudflareWorld;
  /** For secrets/stack.sops.yaml: a token that deploys Workers, and one that edits the zone's records. */
  readonly secrets: Readonly<Record<"cloudflare_deploy_token" | "cloudflare_zone_token", string>>;
  /** The section `cloudflare` of the settings. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The repository whose workflow on main may use the gateway. */
export function createTeamCloudflare({ fullName: repository, id, ownerId }: RepositoryInfo): TeamCloudflare {
  const cloudflare = createCloudflare();
  const zone = cloudflare.addZone(ZONE);
  return {
    cloudflare,
    secrets: {
      cloudflare_deploy_token: cloudflare.issueToken({ name: "deploy", account: ["Workers Scripts Write"] }).value,
      cloudflare_zone_token: newZoneToken(cloudflare),
    },
    settings: {
      account: cloudflare.accountId,
      worker: WORKER,
      policy: {
        hosts: [GATEWAY_HOST],
        audience: `https://${GATEWAY_HOST}`,
        ownerId: String(ownerId),
        zone: { id: zone.id, name: ZONE },
        callers: [
          {
            repositoryId: String(id),
            refs: ["refs/heads/main"],
            workflows: [`${repository}/.github/workflows/dns.yml@refs/heads/main`],
            events: ["push", "workflow_dispatch"],
          },
        ],
      },
    },
  };
}

/** A fresh credential for the zone's records, as the dashboard makes one. */
export function newZoneToken(cloudflare: CloudflareWorld): string {
  return cloudflare.issueToken({ name: "zone", zones: { [ZONE]: ["DNS Write", "Zone Read"] } }).value;
}
