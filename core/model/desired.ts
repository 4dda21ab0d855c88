import { type Fault, FaultsError } from "../fault.js";
import { cannotCarry, writeDotenv } from "../seal/dotenv.js";
import { byteLength, matches, Secret } from "../seal/secret.js";
import type { Source } from "../sources/decrypt.js";
import type { Inventory } from "./inventory.js";
import {
  ENV_FILE_LIMIT_BYTES,
  GITHUB_LIMITS,
  isReservedAtGithub,
  isReservedOnHosts,
  ROOTS_OF_TRUST,
  TEMPLATE_VALUE,
  variableName,
} from "./names.js";
import type { Settings } from "./settings.js";
import type { Sources } from "./sources.js";

/** What git wants at one place: variable name to value. */
export type Entries = ReadonlyMap<string, Secret>;

/** Where one key of one source goes. */
export interface PlacedSecret {
  readonly key: string;
  /** The variable's name at its places. */
  readonly name: string;
  /** The source's path from the repository's root. */
  readonly path: string;
  /** `github` or names of hosts. */
  readonly places: readonly string[];
}

/** Git's view of the world, by place. */
export interface Desired {
  /** Every repository of the settings gets the same entries. */
  readonly github: Entries;
  /** By host: secrets and plain variables of its `.env`. */
  readonly hosts: ReadonlyMap<string, Entries>;
  /** Every key of every source that is sent somewhere. */
  readonly placed: readonly PlacedSecret[];
}

interface Item extends PlacedSecret {
  readonly secret: Secret;
}

const GITHUB = "github";

/**
 * Lays the opened sources out over the places: convention first (the file says where its keys go), the inventory's
 * `to` and `as` where they differ. Throws a FaultsError with every bad name, value and clash.
 */
export function layOut(sources: Sources, settings: Settings, inventory: Inventory, settingsFile: string): Desired {
  const hostNames = Object.keys(settings.hosts);
  const faults: Fault[] = [];
  const items = [
    ...itemsOf(sources.shared, hostNames, hostNames, inventory, faults),
    ...itemsOf(sources.github, [GITHUB], hostNames, inventory, faults),
    ...hostNames.flatMap((host) => {
      const source = sources.hosts.get(host);
      return source === undefined ? [] : itemsOf(source, [host], hostNames, inventory, faults);
    }),
  ];
  faults.push(...sourceClashes(items, sources), ...rootsInStack(sources.stack));
  const github = placeEntries(GITHUB, items, faults);
  const hosts = new Map<string, Entries>();
  for (const host of hostNames) {
    const entries = placeEntries(host, items, faults);
    addPlain(entries, host, settings, settingsFile, faults);
    hosts.set(host, entries);
  }
  checkGithub(github, items, faults, sources.github.path);
  checkHosts(hosts, items, faults);
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
  return { github, hosts, placed: items.map(({ key, name, path, places }) => ({ key, name, path, places })) };
}

function itemsOf(
  source: Source,
  places: readonly string[],
  hosts: readonly string[],
  inventory: Inventory,
  faults: Fault[],
): Item[] {
  const items: Item[] = [];
  for (const [key, secret] of source.values) {
    const entry = inventory.get(key);
    const name = entry?.as ?? variableName(key);
    const at = (what: string, repair = `sops edit ${source.path}`) =>
      faults.push({ where: source.path, name: key, what, repair });
    if (name === undefined) {
      at("cannot be a variable's name: use letters, digits and underscores, not starting with a digit");
      continue;
    }
    if (ROOTS_OF_TRUST.has(name)) {
      at(rootOfTrust, `sops unset ${source.path} '["${key}"]'`);
      continue;
    }
    const problem = matches(secret, TEMPLATE_VALUE) ? "still has the template's placeholder" : cannotCarry(secret);
    if (problem !== undefined) {
      at(problem);
    }
    if (entry?.form !== undefined && !matches(secret, entry.form)) {
      at("does not have the form that inventory.yaml expects");
    }
    items.push({ key, name, path: source.path, secret, places: redirect(key, entry?.to, places, hosts, faults) });
  }
  return items;
}

const rootOfTrust = "is a root of trust: sops is opened with it, so it cannot live in sops";

function rootsInStack(stack: Source): Fault[] {
  return [...stack.values.keys()]
    .filter((key) => ROOTS_OF_TRUST.has(key.toUpperCase()))
    .map((key) => ({
      where: stack.path,
      name: key,
      what: rootOfTrust,
      repair: `sops unset ${stack.path} '["${key}"]'`,
    }));
}

function redirect(
  key: string,
  to: readonly string[] | undefined,
  convention: readonly string[],
  hosts: readonly string[],
  faults: Fault[],
): readonly string[] {
  return (to ?? convention).flatMap((place) => {
    if (place === "hosts") {
      return hosts;
    }
    if (place === GITHUB || hosts.includes(place)) {
      return [place];
    }
    faults.push({
      where: "inventory.yaml",
      name: `secrets.${key}.to`,
      what: `names the unknown place "${place}"`,
      repair: `use hosts, github or one of: ${hosts.join(", ")}`,
    });
    return [];
  });
}

/** One secret has one source: only two host files may use the same key, each for its own secret. */
function sourceClashes(items: readonly Item[], sources: Sources): Fault[] {
  const faults: Fault[] = [];
  const common = new Set([sources.shared.path, sources.github.path]);
  const first = new Map<string, Item>();
  for (const item of items) {
    const other = first.get(item.name);
    if (other === undefined) {
      first.set(item.name, item);
    } else if (other.path === item.path || common.has(other.path) || common.has(item.path)) {
      const also = other.path === item.path ? `as "${other.key}" in the same file` : `in ${other.path}`;
      faults.push({
        where: item.path,
        name: item.key,
        what: `stands ${also} too: one secret has one source`,
        repair: `remove one; inventory.yaml's "to" sends one secret to several places`,
      });
    }
  }
  return faults;
}

function placeEntries(place: string, items: readonly Item[], faults: Fault[]): Map<string, Secret> {
  const entries = new Map<string, Secret>();
  for (const item of items.filter(({ places }) => places.includes(place))) {
    if (entries.has(item.name) && !faults.some((fault) => fault.name === item.key && fault.where === item.path)) {
      faults.push({
        where: item.path,
        name: item.key,
        what: `reaches ${place} twice as ${item.name}`,
        repair: `change "to" or "as" in inventory.yaml`,
      });
    }
    entries.set(item.name, item.secret);
  }
  return entries;
}

function addPlain(entries: Map<string, Secret>, host: string, settings: Settings, file: string, faults: Fault[]): void {
  for (const [name, value] of Object.entries(settings.hosts[host]?.plain ?? {})) {
    const where = { where: file, name: `hosts.${host}.plain.${name}` };
    const secret = new Secret(value);
    const problem = cannotCarry(secret);
    if (ROOTS_OF_TRUST.has(name)) {
      faults.push({
        ...where,
        what: "is a root of trust, which no file of git may hold",
        repair: `remove it, and replace it where it is used`,
      });
    } else if (entries.has(name)) {
      faults.push({ ...where, what: "is a secret of the sources too", repair: "remove one of the two" });
    } else if (isReservedOnHosts(name)) {
      faults.push({ ...where, what: reserved, repair: "rename the variable" });
    } else if (problem !== undefined) {
      faults.push({ ...where, what: problem, repair: "correct the value" });
    } else {
      entries.set(name, secret);
    }
  }
}

const reserved = "would change Compose, Docker or the shell itself";

function checkGithub(entries: Entries, items: readonly Item[], faults: Fault[], path: string): void {
  for (const { key, name, path: where, secret } of items.filter(({ places }) => places.includes(GITHUB))) {
    if (isReservedAtGithub(name)) {
      faults.push({ where, name: key, what: "GitHub reserves the prefix GITHUB_", repair: "rename the key" });
    }
    if (byteLength(secret) > GITHUB_LIMITS.bytes) {
      faults.push({ where, name: key, what: "is larger than GitHub's 48 KB", repair: "store a smaller value" });
    }
  }
  if (entries.size > GITHUB_LIMITS.secrets) {
    const what = `has ${String(entries.size)} secrets for a repository, GitHub takes ${String(GITHUB_LIMITS.secrets)}`;
    faults.push({ where: path, what, repair: "remove secrets that no workflow uses" });
  }
}

function checkHosts(hosts: ReadonlyMap<string, Entries>, items: readonly Item[], faults: Fault[]): void {
  const reported = new Set<Item>();
  for (const [host, entries] of hosts) {
    for (const item of items) {
      if (item.places.includes(host) && isReservedOnHosts(item.name) && !reported.has(item)) {
        reported.add(item);
        faults.push({ where: item.path, name: item.key, what: reserved, repair: "rename the key" });
      }
    }
    if ([...entries.values()].every((secret) => cannotCarry(secret) === undefined)) {
      const bytes = Buffer.byteLength(writeDotenv(entries));
      if (bytes > ENV_FILE_LIMIT_BYTES) {
        const what = "its .env would be larger than 700 KiB";
        faults.push({ where: `host ${host}`, what, repair: "remove or shorten the largest values" });
      }
    }
  }
}
