import type * as pulumi from "@pulumi/pulumi";

import { PART } from "../core/compare/cloudflare.js";
import type { AssessedGateway } from "../core/gateway.js";
import { CloudflareOidcTrust, type CloudflareOidcTrustArgs } from "./cloudflareOidcTrust.js";

/** Declares the gateway of an assessment; gives whether it is as git wants it after this run. */
export function declareGateway(
  seen: AssessedGateway,
  stack: string,
  options: pulumi.ComponentResourceOptions,
): Promise<boolean> {
  return new CloudflareOidcTrust(seen.wanted.gateway.worker, gatewayArgs(seen, stack), options).confirmed;
}

/** The arguments of the gateway's component. `stack` is where the credential's source and settings are found again. */
export function gatewayArgs(
  { wanted, observed, entry, writes, reports }: AssessedGateway,
  stack: string,
): CloudflareOidcTrustArgs {
  const { gateway, credential, keyId } = wanted;
  const { worker } = gateway;
  const toWrite = reports.flatMap(({ names }) => names).filter(({ status }) => status !== "foreign");
  const open = new Set(toWrite.map(({ name }) => name));
  const version = "seen" in observed ? observed.seen.worker?.deployments[0]?.version : undefined;
  const parts = [PART.workersDev, ...gateway.hosts.map((host) => PART.domain(host))];
  const ofUpload = [...open].filter((name) => name !== PART.credential && !parts.includes(name));
  // What somebody else has deployed is deployed over as a whole, so that nothing of it is left.
  const inSync = "unreachable" in observed || (ofUpload.length === 0 && version === entry?.version);
  return {
    gateway,
    inSync,
    message: `p24-infra, over version ${version ?? "none"}`,
    credential: {
      stack,
      over: version ?? "nothing",
      inSync: inSync && !open.has(PART.credential),
      entry: { worker, fingerprint: credential, keyId },
      previous: entry === undefined ? undefined : { worker, ...entry },
    },
    writes: Object.fromEntries(parts.map((part) => [part, (writes[part] ?? 0) + (open.has(part) ? 1 : 0)])),
  };
}
