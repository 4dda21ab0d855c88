import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { FaultList, FaultsError } from "../../core/fault.js";
import { parseRecipients, type Recipients } from "../../core/model/recipients.js";
import type { Settings } from "../../core/model/settings.js";
import { sourcePath } from "../../core/model/sources.js";
import { identityPlaces } from "../../core/sources/identities.js";
import { sourceNames } from "../../core/sources/import.js";
import { readStructure, type SourceStructure } from "../../core/sources/structure.js";
import { readSettings, stackName } from "../stack.js";
import type { Invocation } from "../verb.js";

export const RULES_FILE = ".sops.yaml";

/** Who can open the sources, as the working tree has it. Nothing of it is opened. */
export interface AccessPlace {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly settings: Settings;
  /** The text of .sops.yaml. */
  readonly rulesText: string;
  readonly recipients: Recipients;
  /** By path. */
  readonly sources: ReadonlyMap<string, SourceStructure>;
  /** The recipients of the identities on this machine. */
  readonly mine: ReadonlySet<string>;
}

/** Reads settings, rules and sources side by side. Throws a FaultsError with the faults of all. */
export async function openAccess(invocation: Pick<Invocation, "root" | "options" | "env">): Promise<AccessPlace> {
  const { root, options, env } = invocation;
  const faults = new FaultList();
  const [read, rules, sources, places] = await Promise.all([
    faults.collectAsync(readSettings(root, stackName(options["stack"], env), "bootstrap")),
    faults.collectAsync(readRules(root)),
    faults.collectAsync(readSources(root)),
    identityPlaces(env),
  ]);
  faults.throwIfAny();
  return {
    root,
    env,
    settings: (read as NonNullable<typeof read>).settings,
    ...(rules as NonNullable<typeof rules>),
    sources: sources as NonNullable<typeof sources>,
    mine: new Set(places.flatMap(({ recipients }) => recipients)),
  };
}

async function readRules(root: string) {
  const rulesText = await textOf(root, RULES_FILE);
  return { rulesText, recipients: parseRecipients(rulesText) };
}

async function readSources(root: string): Promise<Map<string, SourceStructure>> {
  const faults = new FaultList();
  const read = await Promise.all(
    (await sourceNames(root)).map(sourcePath).map(async (path) => {
      const text = await textOf(root, path);
      return [path, faults.collect(() => readStructure(text, path))] as const;
    }),
  );
  faults.throwIfAny();
  return new Map(read as (readonly [string, SourceStructure])[]);
}

async function textOf(root: string, path: string): Promise<string> {
  return readFile(join(root, path), "utf8").catch(() => {
    throw new FaultsError([{ where: path, what: "is missing or cannot be read", repair: `git restore ${path}` }]);
  });
}

/** The sources whose recipients are not those that rules give them. */
export function unlikeTheirRule({ sources }: AccessPlace, recipients: Recipients): string[] {
  return [...sources].flatMap(([path, source]) =>
    isEqual(source.recipients, recipients.ruleFor(path) ?? source.recipients) ? [] : [path],
  );
}

export function isEqual(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((entry) => other.has(entry));
}
