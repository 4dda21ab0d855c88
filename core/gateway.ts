/** The gateway as one of the places of an assessment. Loaded only for a stack whose settings have one. */
import { bundleGateway } from "../gateway/bundle.js";
import { type BoundCredential, compareGateway, type WantedGateway } from "./compare/cloudflare.js";
import { FaultsError } from "./fault.js";
import type { Known, Looked } from "./further.js";
import type { CloudflareSettings } from "./model/cloudflare.js";
import { gatewayOf, NO_ZONE_CREDENTIAL } from "./model/gateway.js";
import type { StackSecrets } from "./model/stackSecrets.js";
import { type GatewayObservation, observeGateway } from "./observe/cloudflare.js";
import type { Observed } from "./observe/github.js";
import { createFingerprinter } from "./seal/fingerprint.js";
import { isSame } from "./seal/sopsSet.js";
import { Secret } from "./seal/secret.js";

/** The gateway compared with git: what its component is made from. */
export interface AssessedGateway extends Looked {
  readonly wanted: WantedGateway;
  readonly observed: Observed<GatewayObservation>;
  readonly entry: BoundCredential | undefined;
  /** How often parts were written: {@link TrustOutputs}. */
  readonly writes: Readonly<Record<string, number>>;
}

/**
 * Bundles the Worker's script, looks at Cloudflare and compares. `undefined` when git or the state could not be read. Throws
 * a FaultsError when git holds no credential for it, or one that can do more than it must.
 */
export async function lookAtGateway(
  { context, door, git, ledger }: Known,
  settings: CloudflareSettings,
): Promise<AssessedGateway | undefined> {
  const look = async () => {
    const { script } = await bundleGateway();
    const gateway = gatewayOf(settings, script);
    return { gateway, observed: await observeGateway(await door, gateway, context.env) };
  };
  const [{ gateway, observed }, side, state] = await Promise.all([look(), git, ledger]);
  if (side === undefined || state === undefined) {
    return undefined;
  }
  const prints = createFingerprinter(side.stackSecrets.fingerprint_key);
  const wanted = {
    gateway,
    credential: prints.of(credentialOf(side.stackSecrets)),
    keyId: prints.keyId,
    printOf: (text: string) => prints.of(new Secret(text)),
  };
  const entry = state.credentials.get(gateway.worker);
  const writes = state.gatewayWrites.get(gateway.worker) ?? {};
  return { wanted, observed, entry, writes, reports: [compareGateway(wanted, observed, entry)] };
}

function credentialOf({ cloudflare_zone_token: credential, cloudflare_deploy_token: deploy }: StackSecrets): Secret {
  if (credential === undefined) {
    throw new FaultsError([NO_ZONE_CREDENTIAL]);
  }
  if (deploy !== undefined && isSame(credential, deploy)) {
    const what = "is the same as cloudflare_deploy_token: the gateway would have what deploys the gateway";
    throw new FaultsError([{ ...NO_ZONE_CREDENTIAL, what }]);
  }
  return credential;
}
