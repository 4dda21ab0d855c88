import type { Inventory, OutsideEntry } from "../model/inventory.js";
import { ROOTS_OF_TRUST } from "../model/names.js";
import type { Fingerprint } from "../seal/fingerprint.js";

/** A name at a place. */
export interface Standing {
  /** The variable's name. */
  readonly name: string;
  /** As people are told: `monitoring/.env`, `github:radieu/p24-infra`, `vercel:site (production)`. */
  readonly place: string;
  readonly kind: "source" | "file" | "compose" | "github" | "vercel" | "plain";
  /** Of its value, where that can be read. */
  readonly print?: Fingerprint;
  /** Its value says nothing by being equal to another. */
  readonly isCommon?: boolean;
  /** The key of its source. */
  readonly key?: string;
}

/** Something that needs a name. */
export interface Use {
  readonly name: string;
  /** `.github/workflows/deploy.yml:12`. */
  readonly at: string;
  /** The places that can give it; none when no such place was read. */
  readonly from: readonly string[];
  readonly isOptional: boolean;
}

/** Everything that was read. */
export interface Read {
  readonly standings: readonly Standing[];
  readonly uses: readonly Use[];
  /** Places whose users are all known: what stands there and nobody uses is unused. */
  readonly usersKnownOf: ReadonlySet<string>;
  /** Names that git wants at a place that was read. */
  readonly wanted: readonly { readonly name: string; readonly place: string }[];
  readonly inventory: Inventory;
  readonly outside: ReadonlyMap<string, OutsideEntry>;
}

/** One line of the sheet: secret, present locations, tier (spec 03, phase 1). */
export interface Row {
  readonly name: string;
  readonly tier: 1 | 2 | 3 | undefined;
  /** Who says so. `name`: it is a proposal, made of the name. */
  readonly by: "inventory" | "root of trust" | "source" | "name" | "settings";
  readonly places: readonly string[];
  /** The source that it has, or should get; `undefined` where it gets none. */
  readonly source: string | undefined;
  readonly isProposal: boolean;
}

export interface At {
  readonly name: string;
  readonly place: string;
}

/** The inventory. Names and places only. */
export interface Sheet {
  readonly rows: readonly Row[];
  /** Variables that are no secret, as far as settings, name and value tell. */
  readonly plain: readonly Row[];
  /** Each a group of different names with one value. */
  readonly sameValue: readonly (readonly At[])[];
  /** Each a name with several values: the places of each value. */
  readonly differing: readonly { readonly name: string; readonly groups: readonly (readonly string[])[] }[];
  /** At a place, and in no source: nobody says what it should be. */
  readonly orphans: readonly At[];
  /** At a place, and nothing that was read there uses it. */
  readonly unused: readonly At[];
  /** Needed, or wanted by git, and not there. */
  readonly missing: readonly (At & { readonly neededBy: string })[];
}

/** Makes the sheet. A pure function of what was read. */
export function makeSheet(read: Read): Sheet {
  const byName = groupBy(read.standings, ({ name }) => name);
  const rows = [...byName].sort(byKey).map(([name, all]) => rowOf(name, all, read));
  const isSecret = ({ tier }: Row) => tier !== undefined;
  const secrets = new Set(rows.filter(isSecret).map(({ name }) => name));
  const hasSources = read.standings.some(({ kind }) => kind === "source");
  const derived = read.standings.filter(({ kind }) => kind !== "source" && kind !== "plain");
  return {
    rows: rows.filter(isSecret),
    plain: rows.filter((row) => !isSecret(row)),
    sameValue: sameValues(read.standings, secrets),
    differing: differing(byName, secrets),
    orphans: hasSources
      ? derived.filter(({ name }) => secrets.has(name) && isOrphan(name, byName.get(name) ?? [], read)).map(at)
      : [],
    unused: derived.filter((one) => secrets.has(one.name) && isUnused(one, read)).map(at),
    missing: missingOf(read),
  };
}

function at({ name, place }: Standing): At {
  return { name, place };
}

function rowOf(name: string, all: readonly Standing[], { inventory, outside }: Read): Row {
  const places = [...new Set(all.filter(({ kind }) => kind !== "source").map(({ place }) => place))];
  const sources = [...new Set(all.filter(({ kind }) => kind === "source").map(({ place }) => place))];
  const entry = inventory.get(all.find(({ key }) => key !== undefined)?.key ?? name.toLowerCase());
  const beyond = outside.get(name);
  if (ROOTS_OF_TRUST.has(name)) {
    return { name, tier: 2, by: "root of trust", places, source: undefined, isProposal: false };
  }
  if (beyond !== undefined) {
    return { name, tier: beyond.tier, by: "inventory", places, source: undefined, isProposal: false };
  }
  if (sources.length > 0) {
    const by = entry === undefined ? "source" : "inventory";
    return { name, tier: entry?.tier ?? 3, by, places, source: sources.join(", "), isProposal: false };
  }
  if (entry !== undefined) {
    return { name, tier: entry.tier, by: "inventory", places, source: proposal(all), isProposal: true };
  }
  const isPlain = all.every(({ kind }) => kind === "plain") || all.some(({ kind }) => kind === "plain");
  // GitHub and Vercel hold as secrets what somebody took for one.
  const isSecret =
    !isPlain && (speaksOfSecret(name) || all.some(({ kind, isCommon }) => kind === "github" || isCommon === false));
  return isSecret
    ? { name, tier: 3, by: "name", places, source: proposal(all), isProposal: true }
    : { name, tier: undefined, by: isPlain ? "settings" : "name", places, source: undefined, isProposal: false };
}

/** What is on several hosts belongs to shared, what is on one into that host's file, what only workflows use to GitHub's. */
function proposal(all: readonly Standing[]): string {
  const files = new Set(
    all.filter(({ kind }) => kind === "file" || kind === "compose").map(({ place }) => folderOf(place)),
  );
  if (files.size > 1) {
    return "shared";
  }
  return files.size === 1 ? `the source of the host of ${[...files].join("")}` : "github-actions";
}

function folderOf(place: string): string {
  return place.replace(/\/[^/]*$/, "") || place;
}

/** Whether a name says that its value is secret. */
export function speaksOfSecret(name: string): boolean {
  const words = name.toUpperCase().split(/[^A-Z0-9]+/);
  return (
    !/(?:^|_)(?:PUBLIC|PUBLISHABLE|FILE|PATH|URL|HOST|PORT|NAME|ID|TTL|LENGTH)$/i.test(name) &&
    words.some((word) =>
      /^(?:.*PASSW(?:OR)?D|PASS|PASSPHRASE|PWD|.*SECRETS?|.*TOKENS?|KEY|.*APIKEY|CREDENTIALS?|PAT|PEM|DSN|WEBHOOKS?|AUTH|SALT)$/.test(
        word,
      ),
    )
  );
}

function sameValues(standings: readonly Standing[], secrets: ReadonlySet<string>): At[][] {
  const telling = standings.filter(({ name, isCommon }) => isCommon !== true || secrets.has(name));
  const groups = groupBy(telling, ({ print }) => print);
  return [...groups]
    .filter(([print, all]) => print !== undefined && new Set(all.map(({ name }) => name)).size > 1)
    .map(([, all]) => all.map(at).sort((a, b) => (`${a.name} ${a.place}` < `${b.name} ${b.place}` ? -1 : 1)))
    .sort((a, b) => ((a[0]?.name ?? "") < (b[0]?.name ?? "") ? -1 : 1));
}

/** Two hosts' sources may have one key for two secrets, each at its own places: a value that no source has is what was forgotten. */
function differing(byName: ReadonlyMap<string, readonly Standing[]>, secrets: ReadonlySet<string>) {
  return [...byName].sort(byKey).flatMap(([name, all]) => {
    const groups = groupBy(
      all.filter(({ print }) => print !== undefined),
      ({ print }) => print,
    );
    const isInSource = (group: readonly Standing[]) => group.some(({ kind }) => kind === "source");
    return groups.size > 1 && secrets.has(name) && ![...groups.values()].every(isInSource)
      ? [{ name, groups: [...groups.values()].map((group) => [...new Set(group.map(({ place }) => place))]) }]
      : [];
  });
}

function isOrphan(name: string, all: readonly Standing[], { outside }: Read): boolean {
  return !all.some(({ kind }) => kind === "source") && !ROOTS_OF_TRUST.has(name) && !outside.has(name);
}

function isUnused({ name, place }: Standing, { uses, usersKnownOf }: Read): boolean {
  return usersKnownOf.has(place) && !uses.some((use) => use.name === name && use.from.includes(place));
}

function missingOf({ standings, uses, wanted }: Read): Sheet["missing"] {
  const there = new Set(standings.map(({ name, place }) => `${name}\0${place}`));
  const needed = uses
    .filter(
      ({ name, from, isOptional }) =>
        !isOptional && from.length > 0 && !from.some((place) => there.has(`${name}\0${place}`)),
    )
    .map(({ name, at: neededBy, from }) => ({ name, place: from[0] ?? "", neededBy }));
  const lacking = wanted
    .filter(({ name, place }) => !there.has(`${name}\0${place}`))
    .map((one) => ({ ...one, neededBy: "git" }));
  const all = [...needed, ...lacking];
  return [...new Map(all.map((one) => [`${one.name}\0${one.place}\0${one.neededBy}`, one])).values()].sort((a, b) =>
    `${a.name} ${a.neededBy}` < `${b.name} ${b.neededBy}` ? -1 : 1,
  );
}

function groupBy<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  }
  return groups;
}

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
