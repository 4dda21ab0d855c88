import {
  COMPATIBILITY_DATE,
  CREDENTIAL_BINDING,
  type Gateway,
  gatewayPlace,
  MAIN_MODULE,
  POLICY_BINDING,
} from "../model/gateway.js";
import type { Deployment, GatewayObservation, WorkerObservation } from "../observe/cloudflare.js";
import type { Observed } from "../observe/github.js";
import type { Fingerprint } from "../seal/fingerprint.js";
import { type NameReport, placeReport, type PlaceReport, unreachableReport } from "./report.js";

/** What the ledger remembers of the gateway: our last write of the zone's credential. */
export interface BoundCredential {
  readonly fingerprint: Fingerprint;
  /** Id of the fingerprint key; entries of another key cannot be compared. */
  readonly keyId: string;
  /** Cloudflare's id of the Worker's version that this write made. */
  readonly version: string;
}

/** How the parts of a gateway are called in reports. A domain is called by its host name: `domain dns.example.com`. */
export const PART = {
  script: "script",
  policy: "policy",
  credential: "zone credential",
  workersDev: "workers.dev",
  domain: (host: string) => `domain ${host}`,
  binding: (name: string) => `binding ${name}`,
} as const;

/** What git wants, and how to show texts that are no secrets. */
export interface WantedGateway {
  readonly gateway: Gateway;
  /** Of the zone's credential. */
  readonly credential: Fingerprint;
  readonly keyId: string;
  readonly printOf: (text: string) => Fingerprint;
}

/**
 * Compares the gateway with git. Script, policy, domains and the workers.dev address are compared by content. The
 * credential cannot be read back: it is in sync when its binding is there, git's value was our last write, and nobody has
 * deployed anything since. What somebody else deployed may hold another credential, so it differs; unless script, policy or
 * other bindings tell already what was deployed: then `up` deploys all of it again, the credential with it.
 */
export function compareGateway(
  wanted: WantedGateway,
  observed: Observed<GatewayObservation>,
  entry: BoundCredential | undefined,
): PlaceReport {
  const { gateway } = wanted;
  const place = gatewayPlace(gateway);
  const parts = 4 + gateway.hosts.length;
  if ("unreachable" in observed) {
    return unreachableReport(place, parts, observed.unreachable);
  }
  const { worker, domains } = observed.seen;
  const names = [
    ...(worker === undefined ? missingWorker(wanted) : workerParts(wanted, worker, entry)),
    ...domainParts(gateway, domains),
  ];
  const wantedNames = names.filter(({ status }) => status !== "foreign" && status !== "orphan").length;
  return placeReport(place, "recorded", parts - wantedNames, names, [], notes(gateway, worker, entry));
}

function missingWorker({ gateway, credential, printOf }: WantedGateway): NameReport[] {
  return [
    { name: PART.script, status: "missing", git: printOf(gateway.script) },
    { name: PART.policy, status: "missing", git: printOf(gateway.policy) },
    { name: PART.credential, status: "missing", git: credential },
  ];
}

function workerParts(
  wanted: WantedGateway,
  worker: WorkerObservation,
  entry: BoundCredential | undefined,
): NameReport[] {
  const { gateway, printOf } = wanted;
  const status = entry === undefined ? "adopted" : "differs";
  const script = scriptPart(gateway, worker, printOf, status);
  const policy = policyPart(gateway, worker, printOf, status);
  const others = otherBindings(worker);
  const deployed = [...script, ...policy, ...others].some(({ status }) => status !== "foreign");
  return [
    ...script,
    ...policy,
    ...others,
    ...credentialPart(wanted, worker, entry, deployed),
    ...(worker.onWorkersDev ? [{ name: PART.workersDev, status: "differs" } as const] : []),
  ];
}

function scriptPart(
  gateway: Gateway,
  worker: WorkerObservation,
  printOf: WantedGateway["printOf"],
  status: "adopted" | "differs",
): NameReport[] {
  const same =
    worker.script === gateway.script &&
    worker.mainModule === MAIN_MODULE &&
    worker.compatibilityDate === COMPATIBILITY_DATE &&
    worker.compatibilityFlags.length === 0;
  const prints = { git: printOf(gateway.script), there: printOf(worker.script) };
  return same ? [] : [{ name: PART.script, status, ...prints }];
}

function policyPart(
  gateway: Gateway,
  worker: WorkerObservation,
  printOf: WantedGateway["printOf"],
  status: "adopted" | "differs",
): NameReport[] {
  const there = worker.bindings.get(POLICY_BINDING);
  const git = printOf(gateway.policy);
  if (there === undefined) {
    return [{ name: PART.policy, status: "missing", git }];
  }
  const same = there.type === "plain_text" && there.text === gateway.policy;
  const print = there.text === undefined ? {} : { there: printOf(there.text) };
  return same ? [] : [{ name: PART.policy, status, git, ...print }];
}

function credentialPart(
  { credential: git, keyId }: WantedGateway,
  { bindings, deployments }: WorkerObservation,
  entry: BoundCredential | undefined,
  explained: boolean,
): NameReport[] {
  const name = PART.credential;
  const binding = bindings.get(CREDENTIAL_BINDING);
  if (binding === undefined) {
    return [{ name, status: "missing", git }];
  }
  if (entry === undefined) {
    return [{ name, status: "adopted", git }];
  }
  const ours = deployments[0]?.version === entry.version && binding.type === "secret_text";
  if (ours && entry.keyId === keyId) {
    return entry.fingerprint === git ? [] : [{ name, status: "differs", git, there: entry.fingerprint }];
  }
  const known = entry.keyId === keyId && entry.fingerprint === git && binding.type === "secret_text";
  const untouched = !deployedSince(deployments, entry.version).some(({ triggeredBy }) => triggeredBy === "secret");
  return known && explained && untouched ? [] : [{ name, status: "differs", git }];
}

/** Newer ones than a version; all when it is not among them. */
function deployedSince(deployments: readonly Deployment[], version: string): readonly Deployment[] {
  const at = deployments.findIndex((deployment) => deployment.version === version);
  return at === -1 ? deployments : deployments.slice(0, at);
}

/** Secrets of others stay, as keep_bindings has it; everything else goes with the next upload. */
function otherBindings({ bindings }: WorkerObservation): NameReport[] {
  const others = [...bindings].filter(([name]) => name !== POLICY_BINDING && name !== CREDENTIAL_BINDING);
  return others.map(([name, { type }]) => ({
    name: PART.binding(name),
    status: type === "secret_text" ? "foreign" : "orphan",
  }));
}

/** A host name that git no longer wants stays attached, and the Worker refuses under it. */
function domainParts({ hosts, worker }: Gateway, domains: ReadonlyMap<string, string>): NameReport[] {
  const wanted = hosts.flatMap((host): NameReport[] => {
    const there = domains.get(host);
    const status = there === undefined ? "missing" : "differs";
    return there === worker ? [] : [{ name: PART.domain(host), status }];
  });
  const others = [...domains].filter(([host, service]) => service === worker && !hosts.includes(host));
  return [...wanted, ...others.map(([host]): NameReport => ({ name: PART.domain(host), status: "foreign" }))];
}

function notes(
  { worker: name }: Gateway,
  worker: WorkerObservation | undefined,
  entry: BoundCredential | undefined,
): string[] {
  const newest = worker?.deployments[0];
  return newest === undefined || entry === undefined || newest.version === entry.version
    ? []
    : [`somebody else deployed ${name} since our last write; up deploys it again, with git's credential`];
}
