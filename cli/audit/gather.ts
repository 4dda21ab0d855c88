import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Audit } from "../../core/audit/render.js";
import { makeSheet, type Standing, type Use } from "../../core/audit/sheet.js";
import { FaultsError, renderFault } from "../../core/fault.js";
import { derivedPlaces } from "../../core/leak/places.js";
import { parseWholeInventory, type WholeInventory } from "../../core/model/inventory.js";
import { variableName } from "../../core/model/names.js";
import type { Settings } from "../../core/model/settings.js";
import { sourcePath } from "../../core/model/sources.js";
import { type Get, openHttpDoor } from "../../core/observe/http.js";
import { observeVariables } from "../../core/observe/vercel.js";
import { type Located, readKeys } from "../../core/rotation/locate.js";
import { createFingerprinter, type Fingerprinter } from "../../core/seal/fingerprint.js";
import { Secret } from "../../core/seal/secret.js";
import { isCommon } from "../../core/seal/valueSearch.js";
import { decryptSource, type Source } from "../../core/sources/decrypt.js";
import type { GivenFile } from "./files.js";
import { gatherGithub, type Gathered } from "./github.js";

/** What an audit works on. */
export interface AuditSite {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stack: string;
  readonly settings: Settings;
  readonly settingsFile: string;
  readonly given: readonly GivenFile[];
  readonly now: Date;
}

/** Reads all that can be read, and makes the sheet. What cannot be read is said, and stops nothing. */
export async function gatherAudit(site: AuditSite): Promise<Audit> {
  const { root, env, stack, settings, given, now } = site;
  const [git, whole] = await Promise.all([openGit(root, env), readInventory(root)]);
  const stackSource = git.sources.get("stack");
  const keyed = stackSource?.values.get("fingerprint_key");
  const fingerprinter = createFingerprinter(keyed ?? new Secret(randomBytes(32).toString("base64")));
  const get = await openHttpDoor();
  const [github, vercel] = await Promise.all([
    gatherGithub(get, root, settings, env),
    gatherVercel(get, settings, stackSource),
  ]);
  const parts = [
    gatherGit(git, whole, fingerprinter),
    gatherPlain(site),
    ...given.map((file) => gatherFile(file, given, fingerprinter)),
    ...github,
    ...vercel,
  ];
  const readable = new Set(
    github.flatMap(({ standings, read }) => (read.length > 0 ? standings : [])).map(({ place }) => place),
  );
  const sheet = makeSheet({
    standings: parts.flatMap(({ standings }) => standings),
    uses: parts.flatMap(({ uses }) => uses),
    usersKnownOf: new Set(parts.flatMap(({ usersKnownOf }) => usersKnownOf)),
    wanted: wantedAtGithub(git.keys, settings, whole).filter(
      ({ place }) => readable.has(place) || github.some(isRead(place)),
    ),
    inventory: whole.secrets,
    outside: whole.outside,
  });
  return {
    at: now.toISOString().replace(/\.\d+Z$/, "Z"),
    stack,
    read: parts.flatMap(({ read }) => read),
    unread: [...git.unread, ...parts.flatMap(({ unread }) => unread)],
    compared:
      keyed === undefined
        ? "Values were compared by fingerprints under a random key of this run, because no fingerprint_key could be opened."
        : `Values were compared by fingerprints under the stack's key ${fingerprinter.keyId}.`,
    ...sheet,
  };
}

/** A repository without any secret was read as well. */
function isRead(place: string): (one: Gathered) => boolean {
  return ({ read }) => read.some((line) => line.startsWith(`${place}: `) && line.endsWith("names of secrets"));
}

interface Git {
  readonly keys: readonly Located[];
  /** By name of the source; only those that could be opened. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly unread: readonly string[];
}

/** The sources, as far as they are there, encrypted, and opened by somebody here. */
async function openGit(root: string, env: NodeJS.ProcessEnv): Promise<Git> {
  const { all, faults } = await readKeys(root);
  const unread = faults.map((fault) => `git: ${renderFault(fault)}`);
  const opened = await Promise.all(
    [...new Set(all.map(({ source }) => source))].map(async (name) => {
      try {
        return [name, await decryptSource(root, sourcePath(name), env)] as const;
      } catch (error) {
        if (!(error instanceof FaultsError)) {
          throw error;
        }
        unread.push(...error.faults.map((fault) => `git: ${renderFault(fault)}`));
        return undefined;
      }
    }),
  );
  return { keys: all, sources: new Map(opened.filter((one) => one !== undefined)), unread };
}

async function readInventory(root: string): Promise<WholeInventory> {
  const text = await readFile(join(root, "inventory.yaml"), "utf8").catch(() => undefined);
  return text === undefined ? { secrets: new Map(), outside: new Map() } : parseWholeInventory(text);
}

const NOBODY: Omit<Gathered, "standings" | "read"> = { uses: [], usersKnownOf: [], unread: [] };

function gatherGit(
  { keys, sources }: Git,
  { secrets: inventory }: WholeInventory,
  fingerprinter: Fingerprinter,
): Gathered {
  const standings = keys.map(({ key, source, path }): Standing => {
    const secret = sources.get(source)?.values.get(key);
    return {
      name: inventory.get(key)?.as ?? variableName(key) ?? key,
      key,
      place: path,
      kind: "source",
      ...seen(secret, fingerprinter),
    };
  });
  const files = new Set(keys.map(({ path }) => path)).size;
  const read =
    files === 0 ? "git: no source is encrypted yet" : `git: ${String(keys.length)} keys of ${String(files)} sources`;
  return { ...NOBODY, standings, read: [read] };
}

function seen(secret: Secret | undefined, fingerprinter: Fingerprinter): Pick<Standing, "print" | "isCommon"> {
  return secret === undefined ? {} : { print: fingerprinter.of(secret), isCommon: isCommon(secret) };
}

function gatherPlain({ settings, settingsFile }: AuditSite): Gathered {
  const standings = Object.entries(settings.hosts).flatMap(([host, { plain }]) =>
    Object.keys(plain).map((name): Standing => ({ name, place: `${settingsFile} (${host})`, kind: "plain" })),
  );
  return {
    ...NOBODY,
    standings,
    read: standings.length === 0 ? [] : [`${settingsFile}: ${String(standings.length)} plain variables`],
  };
}

function gatherFile(one: GivenFile, all: readonly GivenFile[], fingerprinter: Fingerprinter): Gathered {
  const { where } = one;
  if (one.kind === "env") {
    const { values, unreadable, faults } = one.file;
    const standings = [
      ...[...values].map(([name, secret]): Standing => ({
        name,
        place: where,
        kind: "file",
        ...seen(secret, fingerprinter),
      })),
      ...[...unreadable.keys()].map((name): Standing => ({ name, place: where, kind: "file" })),
    ];
    const unread = [...unreadable.values(), ...faults].map(renderFault);
    const users = composeFilesFor(where, all);
    // What a service takes as a whole, by env_file, may use all of it.
    const isWhole = users.some(({ file }) => file.envFiles.some((path) => nameOf(path) === nameOf(where)));
    const usersKnownOf = users.length > 0 && !isWhole ? [where] : [];
    return { standings, uses: [], usersKnownOf, read: [`${where}: ${String(standings.length)} variables`], unread };
  }
  const { literals, uses, faults } = one.file;
  const standings = [...literals].map(([name, secret]): Standing => ({
    name,
    place: where,
    kind: "compose",
    ...seen(secret, fingerprinter),
  }));
  const from = envFilesFor(where, all);
  return {
    ...NOBODY,
    standings,
    uses: uses.map(({ name, line, hasDefault }): Use => ({
      name,
      at: `${where}:${String(line)}`,
      from,
      isOptional: hasDefault,
    })),
    read: [`${where}: ${String(literals.size)} values in it, ${String(uses.length)} variables taken from outside`],
    unread: faults.map(renderFault),
  };
}

type Compose = Extract<GivenFile, { kind: "compose" }>;

function composeFilesFor(env: string, all: readonly GivenFile[]): Compose[] {
  return all.filter((one): one is Compose => one.kind === "compose" && envFilesFor(one.where, all).includes(env));
}

/** Compose reads `.env` beside its file. Where none of that folder was given, every one that was given may be meant. */
function envFilesFor(compose: string, all: readonly GivenFile[]): string[] {
  const files = all.filter(({ kind }) => kind === "env").map(({ where }) => where);
  const beside = files.filter((where) => folderOf(where) === folderOf(compose));
  return beside.length > 0 ? beside : files;
}

function folderOf(where: string): string {
  return where.slice(0, where.lastIndexOf("/") + 1);
}

function nameOf(where: string): string {
  return where.slice(where.lastIndexOf("/") + 1);
}

/** Names of the projects' variables; nobody asks for their values. */
async function gatherVercel(get: Get, { vercel }: Settings, stack: Source | undefined): Promise<Gathered[]> {
  if (vercel === undefined) {
    return [];
  }
  const credential = stack?.values.get("vercel_token");
  return Promise.all(
    Object.keys(vercel.projects).map(async (project): Promise<Gathered> => {
      if (credential === undefined) {
        const unread = `vercel:${project}: no vercel_token could be opened. Repair: p24 add vercel_token --to stack`;
        return { ...NOBODY, standings: [], read: [], unread: [unread] };
      }
      const observed = await observeVariables(get, project, vercel.team, credential);
      if ("unreachable" in observed) {
        return { ...NOBODY, standings: [], read: [], unread: [renderFault(observed.unreachable)] };
      }
      const standings = observed.seen.map(({ name, targets }): Standing => {
        return {
          name,
          place: `vercel:${project}${targets.length === 0 ? "" : ` (${targets.join(", ")})`}`,
          kind: "vercel",
        };
      });
      return { ...NOBODY, standings, read: [`vercel:${project}: ${String(standings.length)} names of variables`] };
    }),
  );
}

function wantedAtGithub(keys: readonly Located[], settings: Settings, { secrets }: WholeInventory) {
  return keys.flatMap((one) =>
    derivedPlaces(one, settings, secrets).flatMap((words) => {
      const [, place, name] = /^(github:\S+) (\S+)$/.exec(words) ?? [];
      return place === undefined || name === undefined ? [] : [{ place, name }];
    }),
  );
}
