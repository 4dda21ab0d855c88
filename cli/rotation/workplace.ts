import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { FaultList, FaultsError } from "../../core/fault.js";
import { parseInventory } from "../../core/model/inventory.js";
import type { Rules } from "../../core/rotation/check.js";
import { type Keys, readKeys } from "../../core/rotation/locate.js";
import { LOG_FILE } from "../../core/rotation/log.mjs";
import { readSettings, stackName } from "../stack.js";
import type { Invocation } from "../verb.js";

export const INVENTORY_FILE = "inventory.yaml";

/** What the verbs that change secrets work on. Nothing of it is opened. */
export interface Workplace extends Rules {
  readonly inventoryText: string;
  readonly keys: Keys;
  /** The log's text; empty when there is none yet. */
  readonly log: string;
}

/** Reads settings, inventory, keys and log side by side. Throws a FaultsError with the faults of all. */
export async function openWorkplace({
  root,
  options,
  env,
}: Pick<Invocation, "root" | "options" | "env">): Promise<Workplace> {
  const faults = new FaultList();
  const [settings, inventory, keys, log] = await Promise.all([
    faults.collectAsync(readSettings(root, stackName(options["stack"], env), "bootstrap")),
    faults.collectAsync(readInventory(root)),
    readKeys(root),
    readLog(root),
  ]);
  faults.throwIfAny();
  return {
    root,
    env,
    ...(settings as NonNullable<typeof settings>),
    ...(inventory as NonNullable<typeof inventory>),
    keys,
    log,
  };
}

async function readInventory(root: string) {
  const inventoryText = await readFile(join(root, INVENTORY_FILE), "utf8").catch(() => {
    const repair = `git restore ${INVENTORY_FILE}`;
    throw new FaultsError([{ where: INVENTORY_FILE, what: "is missing or cannot be read", repair }]);
  });
  return { inventoryText, inventory: parseInventory(inventoryText) };
}

/** The log's text; empty when there is none yet. */
export async function readLog(root: string): Promise<string> {
  return readFile(join(root, LOG_FILE), "utf8").catch(() => "");
}

export async function writeLog(root: string, text: string): Promise<void> {
  await writeFile(join(root, LOG_FILE), text);
}

/** Options of every verb that commits. */
export const COMMIT_OPTIONS = { "no-commit": { type: "boolean" }, stack: { type: "string", short: "s" } } as const;
export const COMMIT_HELP = [
  "--no-commit       leave the commit to you",
  "-s, --stack NAME  the stack whose places count (else PULUMI_STACK, else prod)",
];
