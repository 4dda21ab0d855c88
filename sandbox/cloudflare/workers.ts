/** What the emulated Cloudflare remembers of Workers: every write makes a version, and the newest one is deployed. */
import { createHash, randomUUID } from "node:crypto";

import { noWorker } from "./http/errors.js";
import type { State } from "./state.js";

export interface Binding {
  readonly name: string;
  readonly type: string;
  /** Of `plain_text`, and of `secret_text`, where no answer shows it. */
  readonly text?: string;
  /** Whatever else a binding of its type has. */
  readonly rest?: Readonly<Record<string, unknown>>;
}

/** What started a version, as `workers/triggered_by` says it. */
export type Trigger = "secret" | "upload";

export interface Version {
  readonly id: string;
  readonly createdOn: Date;
  readonly triggeredBy: Trigger;
  /** `workers/message`. */
  readonly message: string | undefined;
  readonly mainModule: string;
  readonly content: string;
  readonly bindings: readonly Binding[];
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
}

export interface Worker {
  readonly name: string;
  readonly createdOn: Date;
  /** Oldest first; the last one is deployed. */
  readonly versions: Version[];
  /** Whether it answers under workers.dev, and each of its versions under a preview address there. */
  subdomain: { enabled: boolean; previews_enabled: boolean };
}

/** A host name that a Worker answers under. */
export interface Domain {
  readonly id: string;
  readonly hostname: string;
  readonly service: string;
  readonly zoneId: string;
  readonly zoneName: string;
  readonly certId: string;
}

/** A Worker that must be there. Throws the API's refusal. */
export function workerNamed(state: State, name: string): Worker {
  const worker = state.workers.get(name);
  if (worker === undefined) throw noWorker();
  return worker;
}

export function deployedVersion(worker: Worker): Version {
  return worker.versions.at(-1) as Version;
}

/** Hash of the content, for `etag`: which one Cloudflare takes is not documented. */
export function etagOf(version: Version): string {
  return createHash("sha256").update(version.content).digest("hex");
}

/** What a new version has that differs from the last one. */
export type Change = Partial<Omit<Version, "createdOn" | "id" | "triggeredBy">> & { readonly triggeredBy: Trigger };

/** Deploys a version that is the last one with a change. The Worker is made when there is none. */
export function deploy(state: State, name: string, change: Change): Worker {
  const at = state.now();
  const worker: Worker = state.workers.get(name) ?? {
    name,
    createdOn: at,
    versions: [],
    subdomain: { enabled: false, previews_enabled: false },
  };
  const empty = { mainModule: "", content: "", bindings: [], compatibilityDate: "", compatibilityFlags: [] };
  const former = worker.versions.at(-1) ?? empty;
  worker.versions.push({ ...former, message: undefined, ...change, id: randomUUID(), createdOn: at });
  state.workers.set(name, worker);
  return worker;
}

/** Bindings with one more, or with another of its name. */
export function withBinding(bindings: readonly Binding[], added: Binding): Binding[] {
  return [...bindings.filter(({ name }) => name !== added.name), added];
}
