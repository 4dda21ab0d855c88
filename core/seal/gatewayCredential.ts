import { type Fault, FaultsError } from "../fault.js";
import { CREDENTIAL_BINDING } from "../model/gateway.js";
import { API, readDeployments, refusal } from "../observe/cloudflare.js";
import type { Get } from "../observe/http.js";
import { open, type Secret } from "./secret.js";

/** The Worker that gets the credential, and the zone that it must open. */
export interface BindTarget {
  readonly account: string;
  readonly worker: string;
  readonly zoneId: string;
}

/**
 * Gives the zone's credential to the Worker: the one thing that this program writes at Cloudflare past the provider, which
 * would keep the value in its state. A credential that does not open the zone is not bound, so the former one goes on
 * working. Gives Cloudflare's id of the version that has it now. Throws a FaultsError.
 */
export async function bindCredential(
  door: { readonly get: Get; readonly put: Get },
  headers: Record<string, string>,
  target: BindTarget,
  credential: Secret,
): Promise<string> {
  const own = { ...headers, authorization: `Bearer ${open(credential)}` };
  const zone = await door.get(`${API}/zones/${target.zoneId}/dns_records?per_page=1`, own);
  if (!zone.ok) {
    throw new FaultsError([zone.status === undefined ? refusal("Cloudflare", zone) : doesNotOpen(zone.status)]);
  }
  const where = `Cloudflare Worker ${target.worker}`;
  const script = `${API}/accounts/${target.account}/workers/scripts/${target.worker}`;
  const secret = { name: CREDENTIAL_BINDING, text: open(credential), type: "secret_text" };
  const json = { ...headers, "content-type": "application/json" };
  const bound = await door.put(`${script}/secrets`, json, secret);
  if (!bound.ok) {
    throw new FaultsError([bound.status === 404 ? noWorker(where) : refusal(where, bound)]);
  }
  const answer = await door.get(`${script}/deployments`, headers);
  const version = readDeployments(answer)?.[0]?.version;
  if (version === undefined) {
    throw new FaultsError([refusal(where, answer)]);
  }
  return version;
}

function doesNotOpen(status: number): Fault {
  return {
    where: "secrets/stack.sops.yaml",
    name: "cloudflare_zone_token",
    what: `does not open the zone of the settings (${String(status)}); the Worker keeps the former one`,
    repair: "make a token with the permissions Zone: Read and DNS: Edit on this zone, then sops edit and commit",
  };
}

function noWorker(where: string): Fault {
  return { where, what: "is not there any more (404)", repair: "npm run up" };
}
