import { type Fault, FaultsError, renderFault } from "../fault.js";
import { layOut } from "../model/desired.js";
import type { Inventory } from "../model/inventory.js";
import type { Settings } from "../model/settings.js";
import { sourcePath, type Sources } from "../model/sources.js";
import { takeStackSecrets } from "../model/stackSecrets.js";
import { matches, Secret } from "../seal/secret.js";
import { decryptSource, type Source } from "../sources/decrypt.js";
import { readKeys } from "./locate.js";

/** What a change is checked against. */
export interface Rules {
  readonly root: string;
  readonly settings: Settings;
  readonly settingsFile: string;
  readonly inventory: Inventory;
  readonly env: NodeJS.ProcessEnv;
}

/** One key that gets a value, or loses it (`undefined`). */
export interface Change {
  /** Name of the source: `shared`, `vps-i1`. */
  readonly source: string;
  readonly key: string;
  readonly secret: Secret | undefined;
}

/**
 * Holds a change against all rules of the layout before anything is encrypted: the sources are laid out as they are and as
 * they would be, and what is wrong only afterwards is the change's fault. Gives the source as it is. Throws a FaultsError.
 */
export async function checkChange(rules: Rules, change: Change): Promise<Source> {
  const { path, sources } = await openForCheck(rules, change.source);
  const present = sourceOf(sources, change.source);
  if (present === undefined) {
    const known = ["shared", "github-actions", "stack", ...sources.hosts.keys()].join(", ");
    const what = "is no source of the settings' places";
    throw new FaultsError([{ where: path, what, repair: `name one of these sources: ${known}` }]);
  }
  if (change.secret !== undefined && matches(change.secret, "")) {
    const what = "would be empty, and the sources hold no empty value";
    throw new FaultsError([
      { where: path, name: change.key, what, repair: "give a value; to take it away: p24 remove" },
    ]);
  }
  const before = new Set(faultsOf(sources, rules).map(renderFault));
  const faults = faultsOf(withChange(sources, change), rules).filter((fault) => !before.has(renderFault(fault)));
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
  return present;
}

/**
 * All sources of the settings. Only the one that changes must be one that the caller can open: of the others the keys will
 * do, and while the bootstrap goes on some are templates yet.
 */
async function openForCheck({ root, settings, env }: Rules, changing: string) {
  const keys = await readKeys(root);
  const open = async (name: string): Promise<Source> => {
    const path = sourcePath(name);
    const present = decryptSource(root, path, env);
    return name === changing
      ? present
      : present.catch((error: unknown) => {
          if (!(error instanceof FaultsError)) {
            throw error;
          }
          const values = keys.all.filter(({ source }) => source === name).map(({ key }) => [key, UNKNOWN] as const);
          return { path, recipients: new Set<string>(), values: new Map(values) };
        });
  };
  const [shared, github, stack, ...hosts] = await Promise.all(
    ["shared", "github-actions", "stack", ...Object.keys(settings.hosts)].map(open),
  );
  const sources = {
    shared: shared as Source,
    github: github as Source,
    stack: stack as Source,
    hosts: new Map(Object.keys(settings.hosts).map((name, index) => [name, hosts[index] as Source])),
  };
  return { path: sourcePath(changing), sources };
}

const UNKNOWN = new Secret("unknown");

function sourceOf({ shared, github, stack, hosts }: Sources, name: string): Source | undefined {
  switch (name) {
    case "shared":
      return shared;
    case "github-actions":
      return github;
    case "stack":
      return stack;
    default:
      return hosts.get(name);
  }
}

function withChange(sources: Sources, { source, key, secret }: Change): Sources {
  const change = (one: Source): Source => {
    if (one.path !== sourcePath(source)) {
      return one;
    }
    const values = new Map(one.values);
    if (secret === undefined) {
      values.delete(key);
    } else {
      values.set(key, secret);
    }
    return { ...one, values };
  };
  return {
    shared: change(sources.shared),
    github: change(sources.github),
    stack: change(sources.stack),
    hosts: new Map([...sources.hosts].map(([host, one]) => [host, change(one)])),
  };
}

function faultsOf(sources: Sources, { settings, settingsFile, inventory }: Rules): Fault[] {
  const found: Fault[] = [];
  for (const step of [
    () => takeStackSecrets(sources.stack),
    () => layOut(sources, settings, inventory, settingsFile),
  ]) {
    try {
      step();
    } catch (error) {
      if (!(error instanceof FaultsError)) {
        throw error;
      }
      found.push(...error.faults);
    }
  }
  return found;
}
