import { COMPATIBILITY_DATE, CREDENTIAL_BINDING, MAIN_MODULE, POLICY_BINDING } from "../../gateway/names.js";
import type { Fault } from "../fault.js";
import { type CloudflareSettings, policyText } from "./cloudflare.js";

export { COMPATIBILITY_DATE, CREDENTIAL_BINDING, MAIN_MODULE, POLICY_BINDING };

/** What git wants of the gateway at Cloudflare, but for its credential. Nothing of it is secret. */
export interface Gateway {
  /** Id of the account, and the Worker's name in it. */
  readonly account: string;
  readonly worker: string;
  readonly zoneId: string;
  /** Host names that the Worker answers under, each a custom domain of it. */
  readonly hosts: readonly string[];
  /** The Worker's one module. */
  readonly script: string;
  /** As its binding holds it. */
  readonly policy: string;
}

/** Puts together what the settings say and the Worker's script. */
export function gatewayOf({ account, worker, policy }: CloudflareSettings, script: string): Gateway {
  return { account, worker, zoneId: policy.zone.id, hosts: policy.hosts, script, policy: policyText(policy) };
}

/** Name of the place in reports: `cloudflare:p24-dns-gateway`. */
export function gatewayPlace({ worker }: Pick<Gateway, "worker">): string {
  return `cloudflare:${worker}`;
}

/** What is said when the settings have a gateway and the sources no credential for it. */
export const NO_ZONE_CREDENTIAL: Fault = {
  where: "secrets/stack.sops.yaml",
  name: "cloudflare_zone_token",
  what: "is missing, and the settings have a gateway that needs it",
  repair:
    "make a token with the permissions Zone: Read and DNS: Edit on the zone, then sops edit secrets/stack.sops.yaml",
};
