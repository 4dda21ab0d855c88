import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { atMost } from "./atMost.js";
import { certainWrites, contentOf } from "./compare/content.js";
import { compareFormerRepository, compareRepository, type LedgerEntry } from "./compare/github.js";
import { compareHost, recipientName } from "./compare/host.js";
import type { PlaceReport } from "./compare/report.js";
import { compareRoots } from "./compare/roots.js";
import { type Fault, FaultList, FaultsError } from "./fault.js";
import { type Further, furtherReports, lookFurther } from "./further.js";
import { type Ledger, readLedger } from "./ledger.js";
import { type Desired, type Entries, layOut } from "./model/desired.js";
import { type Inventory, parseInventory } from "./model/inventory.js";
import { lockOutFaults } from "./model/lockOut.js";
import { parseRecipients, type Recipients } from "./model/recipients.js";
import type { Settings } from "./model/settings.js";
import { openSource, openSources, sourcePath } from "./model/sources.js";
import { type StackSecrets, takeStackSecrets } from "./model/stackSecrets.js";
import { HOSTS_AT_ONCE } from "./observe/atOnce.js";
import { type Checkout, observeCheckout } from "./observe/git.js";
import { type Observed, observeRepository, type RepositoryObservation } from "./observe/github.js";
import { type HostObservation, type NotAsked, observeHost } from "./observe/host.js";
import { type Get, openHttpDoor } from "./observe/http.js";
import { createFingerprinter, type Fingerprint, type Fingerprinter } from "./seal/fingerprint.js";

/** What a run works on. */
export interface Context {
  /** The repository's root. */
  readonly root: string;
  readonly stack: string;
  readonly settings: Settings;
  /** Where the settings are repaired: `Pulumi.prod.yaml`. */
  readonly settingsFile: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Git's view, the world's view, and what the comparison says about each place. */
export interface Assessment {
  readonly desired: Desired;
  readonly stackSecrets: StackSecrets;
  readonly recipients: Recipients;
  readonly fingerprinter: Fingerprinter;
  readonly ledger: Ledger;
  readonly checkout: Checkout;
  /** By repository, `owner/name`. */
  readonly repositories: ReadonlyMap<string, Observed<RepositoryObservation>>;
  readonly hosts: ReadonlyMap<string, Observed<HostObservation> | NotAsked>;
  /** What git wants of each host in one fingerprint, by host. */
  readonly contents: ReadonlyMap<string, string>;
  /** Repositories that left the settings, with the names of ours that are still there. */
  readonly former: Record<string, string[]>;
  readonly further: Further;
  /** By name of the place. */
  readonly reports: readonly PlaceReport[];
  /** What somebody should repair in git, and what stops nothing: a lock-out in the making (core/model/lockOut.ts). */
  readonly warnings: readonly Fault[];
}

/** What git says. */
export type GitSide = Pick<Assessment, "desired" | "stackSecrets" | "recipients">;

/** Reads git's side of a stack. Throws a FaultsError with all faults of all files. */
async function readGit(context: Context): Promise<GitSide> {
  const { root, settings, env } = context;
  const { recipients, inventory } = await readRules(root);
  const sources = await openSources(root, settings, recipients, env);
  const faults = new FaultList();
  const stackSecrets = faults.collect(() => takeStackSecrets(sources.stack));
  const desired = faults.collect(() => layOut(sources, settings, inventory, context.settingsFile));
  faults.throwIfAny();
  return { recipients, desired: desired as Desired, stackSecrets: stackSecrets as StackSecrets };
}

async function readRules(root: string): Promise<{ recipients: Recipients; inventory: Inventory }> {
  const faults = new FaultList();
  const [recipients, inventory] = await Promise.all([
    faults.collectAsync(readRecipients(root)),
    faults.collectAsync(readText(root, "inventory.yaml").then((text) => parseInventory(text))),
  ]);
  faults.throwIfAny();
  return { recipients: recipients as Recipients, inventory: inventory as Inventory };
}

/** Who can open which source. The names of `unfilled` may still be the template's. Throws a FaultsError. */
export async function readRecipients(root: string, unfilled?: ReadonlySet<string>): Promise<Recipients> {
  return parseRecipients(await readText(root, ".sops.yaml"), unfilled);
}

async function readText(root: string, file: string): Promise<string> {
  return readFile(join(root, file), "utf8").catch(() => {
    throw new FaultsError([{ where: file, what: "is missing or cannot be read", repair: `git restore ${file}` }]);
  });
}

/** The program's own secrets alone, for starting the engine. Throws a FaultsError. */
export async function readStackSecrets(root: string, env: NodeJS.ProcessEnv): Promise<StackSecrets> {
  const { recipients } = await readRules(root);
  return takeStackSecrets(await openSource(root, sourcePath("stack"), recipients, env));
}

/** Git, the ledger and the checkout: all that is known before any place has answered. */
export type Ground = Omit<Assessment, "repositories" | "hosts" | "contents" | "further" | "reports">;

/** Git's side of every host: its names' fingerprints, and all of them in one. */
interface OfHosts {
  readonly desired: ReadonlyMap<string, ReadonlyMap<string, Fingerprint>>;
  readonly contents: ReadonlyMap<string, string>;
}

/** An assessment as far as one repository goes. */
export type RepositorySeen = Ground & Pick<Assessment, "repositories" | "reports">;

/** An assessment under way. Each of its parts is there as soon as it can be, and rejects with a FaultsError as the whole does. */
export interface Survey {
  readonly ground: Promise<Ground>;
  /** By full name. */
  readonly repositories: ReadonlyMap<string, Promise<RepositorySeen>>;
  readonly whole: Promise<Assessment>;
}

/**
 * Decrypts, looks at every place (read-only, side by side) and compares. The ledger comes from the stack's exported state,
 * or from `ledgerOf` when somebody has it already. Throws a FaultsError for what is wrong on git's side; a place that cannot
 * be asked is a report, not an error.
 */
export async function assess(context: Context, ledgerOf?: Promise<Ledger>): Promise<Assessment> {
  return survey(context, ledgerOf).whole;
}

/**
 * As {@link assess}, for who can begin with a part of it. `writes`: what differs is written next, so a host whose write is
 * certain is not asked before it.
 */
export function survey(context: Context, ledgerOf?: Promise<Ledger>, { writes = false } = {}): Survey {
  const { root, stack, settings, env } = context;
  const faults = new FaultList();
  const git = faults.collectAsync(readGit(context));
  const ledger = faults.collectAsync(ledgerOf ?? readLedger(root, stack, env));
  const door = openHttpDoor();
  const fingerprinter = git.then((side) => side && createFingerprinter(side.stackSecrets.fingerprint_key));
  const observed = observeRepositories(door, settings, env);
  const further = lookFurther({ context, door, git, ledger, repositories: allOf(observed) });

  const ground = Promise.all([
    git,
    ledger,
    ledger.then((read) => read && observeCheckout(root, read.converged)),
    ledger.then((read) => read && observeFormer(door, formerRepositories(read, settings), env)),
    fingerprinter,
  ]).then(([side, ...rest]): Ground => {
    faults.throwIfAny();
    const [read, checkout, former, prints] = rest as [Ledger, Checkout, Ground["former"], Fingerprinter];
    const warnings = lockOutFaults((side as GitSide).recipients);
    return { ...(side as GitSide), ledger: read, checkout, former, fingerprinter: prints, warnings };
  });
  const ofHosts = ground.then((known) => gitOfHosts(settings, known));
  const certain = writes
    ? Promise.all([ground, ofHosts]).then(([known, { contents }]) =>
        certainWrites(contents, known.fingerprinter.keyId, known.ledger),
      )
    : Promise.resolve(new Set<string>());
  const hosts = observeHosts(settings, certain, fingerprinter, env);
  const ofGitHub = ground.then(({ desired, fingerprinter: prints }) => fingerprintsOf(desired.github, prints));
  const repositories = new Map(
    [...observed].map(([repository, answer]) => [
      repository,
      Promise.all([ground, ofGitHub, answer]).then(([known, desired, seen]): RepositorySeen => {
        const entries = known.ledger.github.get(repository) ?? new Map<string, LedgerEntry>();
        const report = compareRepository(repository, desired, seen, entries, known.fingerprinter.keyId);
        return { ...known, repositories: new Map([[repository, seen]]), reports: [report] };
      }),
    ]),
  );
  const whole = Promise.all([ground, Promise.all(repositories.values()), hosts, ofHosts, further]).then(
    ([known, ofRepositories, hostsSeen, gitsSide, ofFurther]): Assessment => {
      const seen = {
        ...known,
        repositories: new Map(ofRepositories.flatMap((one) => [...one.repositories])),
        hosts: hostsSeen,
        contents: gitsSide.contents,
        further: ofFurther,
      };
      return {
        ...seen,
        reports: inOrder([
          ...ofRepositories.flatMap((one) => one.reports),
          ...others(settings, seen, gitsSide.desired),
        ]),
      };
    },
  );
  // Who waits for the whole may look at a part later, or never.
  for (const part of [ground, ofGitHub, ofHosts, certain, hosts, ...repositories.values(), whole]) {
    part.catch(() => undefined);
  }
  return { ground, repositories, whole };
}

function observeRepositories(
  door: Promise<Get>,
  { github: { owner, repositories } }: Settings,
  env: NodeJS.ProcessEnv,
): ReadonlyMap<string, Promise<Observed<RepositoryObservation>>> {
  return new Map(
    repositories.map((repository) => [
      `${owner}/${repository}`,
      door.then((get) => observeRepository(get, owner, repository, env)),
    ]),
  );
}

async function allOf<T>(promises: ReadonlyMap<string, Promise<T>>): Promise<ReadonlyMap<string, T>> {
  const entries = [...promises].map(async ([name, promise]) => [name, await promise] as const);
  return new Map(await Promise.all(entries));
}

/** What was remembered of a repository that left the settings, without what has been deleted since. */
async function observeFormer(
  door: Promise<Get>,
  former: Record<string, string[]>,
  env: NodeJS.ProcessEnv,
): Promise<Record<string, string[]>> {
  const get = await door;
  const observed = await Promise.all(
    Object.entries(former).map(async ([full, names]) => {
      const [owner = "", repository = ""] = full.split("/");
      const there = await observeRepository(get, owner, repository, env);
      return [full, "seen" in there ? names.filter((name) => there.seen.secrets.has(name)) : names] as const;
    }),
  );
  return Object.fromEntries(observed.filter(([, names]) => names.length > 0));
}

function gitOfHosts({ hosts }: Settings, { desired, fingerprinter }: Ground): OfHosts {
  const ofEach = Object.entries(hosts).map(([name, { target }]) => {
    const prints = fingerprintsOf(desired.hosts.get(name) ?? new Map(), fingerprinter);
    return { name, prints, content: contentOf(target, prints) };
  });
  return {
    desired: new Map(ofEach.map(({ name, prints }) => [name, prints])),
    contents: new Map(ofEach.map(({ name, content }) => [name, content])),
  };
}

async function observeHosts(
  { hosts }: Settings,
  certain: Promise<ReadonlySet<string>>,
  fingerprinter: Promise<Fingerprinter | undefined>,
  env: NodeJS.ProcessEnv,
): Promise<Assessment["hosts"]> {
  const notAsked = await certain;
  const observed = await atMost(HOSTS_AT_ONCE, Object.entries(hosts), async ([name, host]) => {
    const one = notAsked.has(name) ? { notAsked: true as const } : await observeHost(name, host, fingerprinter, env);
    return [name, one] as const;
  });
  return new Map(observed.flatMap(([name, one]) => (one === undefined ? [] : [[name, one] as const])));
}

/** The reports of all places but repositories of the settings. */
function others(
  settings: Settings,
  seen: Omit<Assessment, "reports">,
  desiredOnHosts: OfHosts["desired"],
): PlaceReport[] {
  const former = Object.entries(seen.former).map(([repository, names]) => compareFormerRepository(repository, names));
  const hosts = [...seen.hosts].map(([name, observed]) => {
    const desired = desiredOnHosts.get(name) ?? new Map<string, Fingerprint>();
    const host = settings.hosts[name] as NonNullable<Settings["hosts"][string]>;
    return compareHost(name, host, seen.recipients.byName.get(recipientName(name)), desired, observed);
  });
  return [...former, ...roots(settings, seen), ...hosts, ...furtherReports(seen.further)];
}

function inOrder(reports: readonly PlaceReport[]): PlaceReport[] {
  return [...reports].sort((a, b) => (a.place < b.place ? -1 : 1));
}

function roots({ github }: Settings, seen: Pick<Assessment, "repositories">): PlaceReport[] {
  const home = `${github.owner}/${github.home ?? ""}`;
  const observed = seen.repositories.get(home);
  return observed === undefined ? [] : [compareRoots(home, observed)];
}

/** Repositories that we wrote to and that are no longer in the settings, with the names that stay there. */
export function formerRepositories(ledger: Ledger, settings: Settings): Record<string, string[]> {
  const present = new Set(settings.github.repositories.map((name) => `${settings.github.owner}/${name}`));
  const all = [
    ...Object.entries(ledger.former),
    ...[...ledger.github].map(([name, entries]) => [name, [...entries.keys()]] as const),
  ];
  const former: Record<string, string[]> = {};
  for (const [repository, names] of all) {
    if (!present.has(repository)) {
      former[repository] = [...new Set([...(former[repository] ?? []), ...names])].sort();
    }
  }
  return former;
}

/** Fingerprints of the entries of one place. */
export function fingerprintsOf(entries: Entries, fingerprinter: Fingerprinter): Map<string, Fingerprint> {
  return new Map([...entries].map(([name, secret]) => [name, fingerprinter.of(secret)]));
}
