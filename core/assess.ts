import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { compareFormerRepository, compareRepository } from "./compare/github.js";
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
import { type Checkout, observeCheckout } from "./observe/git.js";
import { type Observed, observeRepository, type RepositoryObservation } from "./observe/github.js";
import { type HostObservation, observeHost } from "./observe/host.js";
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
  readonly hosts: ReadonlyMap<string, Observed<HostObservation>>;
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

/**
 * Decrypts, looks at every place (read-only, side by side) and compares. The ledger comes from the stack's exported state,
 * or from `ledgerOf` when somebody has it already. Throws a FaultsError for what is wrong on git's side; a place that cannot
 * be asked is a report, not an error.
 */
export async function assess(context: Context, ledgerOf?: Promise<Ledger>): Promise<Assessment> {
  const { root, stack, settings, env } = context;
  const faults = new FaultList();
  const gitSide = faults.collectAsync(readGit(context));
  const ledgerRead = faults.collectAsync(ledgerOf ?? readLedger(root, stack, env));
  const fingerprinter = gitSide.then((git) => git && createFingerprinter(git.stackSecrets.fingerprint_key));
  const checkoutRead = ledgerRead.then((ledger) => ledger && observeCheckout(root, ledger.converged));
  const door = openHttpDoor();
  const repositoriesSeen = observeRepositories(door, settings, env);
  const [git, ledger, checkout, former, repositories, hosts, further] = await Promise.all([
    gitSide,
    ledgerRead,
    checkoutRead,
    ledgerRead.then((read) => read && observeFormer(door, formerRepositories(read, settings), env)),
    repositoriesSeen,
    observeHosts(settings, fingerprinter, env),
    lookFurther({ context, door, git: gitSide, ledger: ledgerRead, repositories: repositoriesSeen }),
  ]);
  faults.throwIfAny();
  const seen = {
    ...(git as GitSide),
    ledger: ledger as Ledger,
    former: former as NonNullable<typeof former>,
    repositories,
    hosts,
    further,
  };
  const prints = (await fingerprinter) as Fingerprinter;
  return {
    ...seen,
    checkout: checkout as Checkout,
    fingerprinter: prints,
    reports: compareAll(settings, seen, prints),
    warnings: lockOutFaults(seen.recipients),
  };
}

async function observeRepositories(door: Promise<Get>, settings: Settings, env: NodeJS.ProcessEnv) {
  const { owner, repositories } = settings.github;
  const get = await door;
  const observed = await Promise.all(
    repositories.map(
      async (repository) => [`${owner}/${repository}`, await observeRepository(get, owner, repository, env)] as const,
    ),
  );
  return new Map(observed);
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

async function observeHosts(
  settings: Settings,
  fingerprinter: Promise<Fingerprinter | undefined>,
  env: NodeJS.ProcessEnv,
): Promise<Map<string, Observed<HostObservation>>> {
  const observed = await Promise.all(
    Object.entries(settings.hosts).map(
      async ([name, host]) => [name, await observeHost(name, host, fingerprinter, env)] as const,
    ),
  );
  return new Map(observed.filter((entry): entry is [string, Observed<HostObservation>] => entry[1] !== undefined));
}

function compareAll(
  settings: Settings,
  seen: Omit<Assessment, "stackSecrets" | "checkout" | "fingerprinter" | "warnings" | "reports">,
  fingerprinter: Fingerprinter,
): PlaceReport[] {
  const github = fingerprintsOf(seen.desired.github, fingerprinter);
  const repositories = [...seen.repositories].map(([repository, observed]) =>
    compareRepository(
      repository,
      github,
      observed,
      seen.ledger.github.get(repository) ?? new Map(),
      fingerprinter.keyId,
    ),
  );
  const former = Object.entries(seen.former).map(([repository, names]) => compareFormerRepository(repository, names));
  const hosts = [...seen.hosts].map(([name, observed]) => {
    const desired = fingerprintsOf(seen.desired.hosts.get(name) ?? new Map(), fingerprinter);
    const host = settings.hosts[name] as NonNullable<Settings["hosts"][string]>;
    return compareHost(name, host, seen.recipients.byName.get(recipientName(name)), desired, observed);
  });
  const all = [...repositories, ...former, ...roots(settings, seen), ...hosts, ...furtherReports(seen.further)];
  return all.sort((a, b) => (a.place < b.place ? -1 : 1));
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
