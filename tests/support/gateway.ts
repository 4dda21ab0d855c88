/** A gateway for tests: settings that are in order, what git wants of it, and what Cloudflare shows of it. */
import type { WantedGateway } from "../../core/compare/cloudflare.js";
import { COMPATIBILITY_DATE, type Gateway, gatewayOf, MAIN_MODULE } from "../../core/model/gateway.js";
import { parseSettings } from "../../core/model/settings.js";
import type { GatewayObservation, WorkerObservation } from "../../core/observe/cloudflare.js";
import { fingerprinter, printOf } from "./secrets.js";
import { rawSettings, SETTINGS_FILE } from "./settings.js";

export const ACCOUNT = "a".repeat(32);
export const ZONE_ID = "b".repeat(32);
export const WORKER = "p24-dns-gateway";
export const HOST_NAME = "dns.p24.example";
export const SCRIPT = "export default {};\n";
export const CREDENTIAL = "the zone's credential";
/** Versions as Cloudflare numbers them. */
export const VERSION = "11111111-1111-4111-8111-111111111111";
export const LATER = "22222222-2222-4222-8222-222222222222";

/** The section `cloudflare` of the settings as it stands in the file. */
export function rawCloudflare() {
  return {
    account: ACCOUNT,
    worker: WORKER,
    policy: {
      hosts: [HOST_NAME],
      audience: `https://${HOST_NAME}`,
      ownerId: "700000001",
      zone: { id: ZONE_ID, name: "p24.example" },
      callers: [
        {
          repositoryId: "700000002",
          refs: ["refs/heads/main"],
          workflows: ["radieu/p24-infra/.github/workflows/dns.yml@refs/heads/main"],
          events: ["push"],
        },
      ],
    },
  };
}

export function sampleGateway(): Gateway {
  const { cloudflare } = parseSettings({ ...rawSettings(), cloudflare: rawCloudflare() }, SETTINGS_FILE);
  if (cloudflare === undefined) {
    throw new TypeError("no gateway");
  }
  return gatewayOf(cloudflare, SCRIPT);
}

/** What git wants of {@link sampleGateway}. */
export function sampleWanted(): WantedGateway {
  return { gateway: sampleGateway(), credential: printOf(CREDENTIAL), keyId: fingerprinter.keyId, printOf };
}

/** What the ledger remembers after a write of that. */
export function sampleEntry() {
  return { fingerprint: printOf(CREDENTIAL), keyId: fingerprinter.keyId, version: VERSION };
}

/** A Worker that is as git wants it, with changes. */
export function healthyWorker(changes: Partial<WorkerObservation> = {}): WorkerObservation {
  return {
    script: SCRIPT,
    mainModule: MAIN_MODULE,
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: [],
    bindings: new Map([
      ["POLICY", { type: "plain_text", text: sampleGateway().policy }],
      ["ZONE_CREDENTIAL", { type: "secret_text" }],
    ]),
    onWorkersDev: false,
    deployments: [{ version: VERSION, triggeredBy: "secret" }],
    ...changes,
  };
}

export function healthyGateway(changes: Partial<WorkerObservation> = {}): GatewayObservation {
  return { worker: healthyWorker(changes), domains: new Map([[HOST_NAME, WORKER]]) };
}
