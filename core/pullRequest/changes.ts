import { isMap, parseDocument } from "yaml";

import type { Fault } from "../fault.js";

/** What a pull request may change and have previewed: what git says of secrets and places. Everything else is the program. */
export function isTaken(path: string, stack: string): boolean {
  return SOURCE.test(path) || [".sops.yaml", "inventory.yaml", `Pulumi.${stack}.yaml`].includes(path);
}

const SOURCE = /^secrets\/[a-z0-9][a-z0-9-]{0,62}\.sops\.yaml$/;

/** The largest file that is taken. Sources of a hundred secrets have 40 KiB. */
export const LARGEST = 1024 * 1024;

/** A file of a commit: git-ls-tree(1). */
export interface Entry {
  /** `100644` */
  readonly mode: string;
  readonly kind: string;
  /** Bytes; `undefined` for what is no file. */
  readonly size: number | undefined;
  readonly id: string;
}

/** A line of `git ls-tree --long -z`; `undefined` when there is none. */
export function readEntry(line: string): Entry | undefined {
  const [, mode, kind, id, size] = /^(\d{6}) (\w+) ([0-9a-f]{40,64}) +(\d+|-)\t/.exec(line) ?? [];
  return mode === undefined || kind === undefined || id === undefined
    ? undefined
    : { mode, kind, id, size: size === undefined || size === "-" ? undefined : Number(size) };
}

/** Why a file of a pull request is not taken; none when it is plain data of a usual size. */
export function entryFaults(path: string, { mode, kind, size }: Entry): Fault[] {
  const repair = `put a plain file in its place: git rm ${path}, then git add`;
  if (kind !== "blob" || mode !== "100644") {
    return [{ where: path, what: "is no plain file (a link, a program, a folder), so it is not previewed", repair }];
  }
  return size === undefined || size > LARGEST ? [{ where: path, what: "is larger than 1 MiB", repair }] : [];
}

/** Metadata of sops beside age's: a preview opens files with the runner's identity, and asks no other service for anything. */
const OTHER_SERVICES = ["kms", "gcp_kms", "azure_kv", "hc_vault", "hckms", "pgp", "key_groups"];

/** Why a source of a pull request is not opened. */
export function sourceFaults(path: string, text: string): Fault[] {
  const sops: unknown = parseDocument(text).get("sops");
  const metadata = isMap(sops) ? (sops.toJSON() as Record<string, unknown>) : {};
  return OTHER_SERVICES.filter((name) => {
    const value = metadata[name];
    return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
  }).map((name) => ({
    where: path,
    name: `sops.${name}`,
    what: "is not previewed: files here are encrypted to age identities only",
    repair: `git restore ${path}, then sops updatekeys ${path}`,
  }));
}

/** Settings of places: what they say is shown as a change of places. */
const PLACES = ["github", "hosts", "vercel", "cloudflare"].map((name) => `p24-infra:${name}`);

/**
 * Why changed settings are not previewed: where the state is kept, and how it is encrypted, decides where the runner's own
 * credentials go.
 */
export function settingsFaults(path: string, before: string, after: string): Fault[] {
  const repair = "merge that change alone, after a review; then rebase this one";
  const [one, other] = [withoutPlaces(before), withoutPlaces(after)];
  return one === undefined || other === undefined || one !== other
    ? [{ where: path, what: "changes more than places (the backend, say), so it is not previewed", repair }]
    : [];
}

function withoutPlaces(text: string): string | undefined {
  const document = parseDocument(text);
  const all = document.errors.length > 0 ? undefined : (document.toJS() as Record<string, unknown> | null);
  if (all === null || typeof all !== "object") {
    return undefined;
  }
  const config = Object.entries((all["config"] ?? {}) as Record<string, unknown>);
  const rest = config.filter(([name]) => !PLACES.includes(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const others = Object.entries(all).filter(([name]) => name !== "config");
  return JSON.stringify([others.sort(([a], [b]) => (a < b ? -1 : 1)), rest]);
}
