import { isMap, isScalar, parseDocument } from "yaml";

import { type Fault, FaultsError } from "../fault.js";
import { type Inventory, parseInventory } from "../model/inventory.js";
import { serviceFaults } from "../sources/structure.js";

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

/** More than any list of recipients needs, and few enough that aliases of aliases of aliases come to an end. */
const MOST_ALIASES = 10_000;

/** Why a file of a pull request is not read any further: its aliases lead nowhere, to themselves or to too much. */
export function aliasFaults(path: string, text: string): Fault[] {
  try {
    JSON.stringify(parseDocument(text, { logLevel: "silent" }).toJS({ maxAliasCount: MOST_ALIASES }));
    return [];
  } catch {
    const what = "has an alias without an anchor, or aliases that never come to an end";
    return [{ where: path, what, repair: "write out what the aliases stand for" }];
  }
}

/** Why a source of a pull request is not opened: a preview asks no other service than the runner's identity for anything. */
export function sourceFaults(path: string, text: string): Fault[] {
  const metadata: unknown = parseDocument(text).get("sops");
  return isMap(metadata) ? serviceFaults(metadata, path) : [];
}

/** The keys of a source, as far as it can be read. */
export function keysIn(text: string): string[] {
  const { contents } = parseDocument(text, { logLevel: "silent" });
  return isMap(contents) ? contents.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])) : [];
}

/**
 * Why a changed inventory is not previewed: a form is matched with the value, so whoever may choose it, and sees the answer, asks
 * for a value bit by bit. `keys` are those whose values the pull request's author need not know: the base branch's.
 */
export function inventoryFaults(path: string, before: string, after: string, keys: ReadonlySet<string>): Fault[] {
  let next: Inventory;
  try {
    next = parseInventory(after, path);
  } catch (error) {
    if (error instanceof FaultsError) {
      return [...error.faults];
    }
    throw error;
  }
  const former = before === "" ? undefined : parseInventory(before, path);
  return [...next]
    .filter(([key, { form }]) => form !== undefined && keys.has(key) && former?.get(key)?.form !== form)
    .map(([key]) => ({
      where: path,
      name: `${key}.form`,
      what: "is changed for a value that is there already, so it is not previewed",
      repair: "merge that change alone, after a review; then rebase this one",
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
