import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Fault, FaultsError } from "../fault.js";
import { type Inventory, parseInventory } from "../model/inventory.js";
import {
  isReservedAtGithub,
  isReservedOnHosts,
  keyProblem,
  ROOTS_OF_TRUST,
  TEMPLATE_VALUE,
  variableName,
} from "../model/names.js";
import { cannotCarry } from "../seal/dotenv.js";
import { matches, type Secret } from "../seal/secret.js";
import { isSame, setInSource } from "../seal/sopsSet.js";
import { decryptSource, type Source } from "./decrypt.js";
import type { DotenvFile } from "./dotenvFile.js";
import { readStructure } from "./structure.js";

export interface Import {
  readonly root: string;
  /** Name of the source: `shared`, `github-actions`, a host's. */
  readonly source: string;
  readonly file: DotenvFile;
  /** How the file is named to people. */
  readonly where: string;
  /** Variables to take; all of the file when `undefined`. */
  readonly only: readonly string[] | undefined;
  /** Whether a key that has another value may be overwritten. */
  readonly replace: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/** Names of variables, by what became of them. */
export interface Imported {
  readonly path: string;
  readonly added: readonly string[];
  readonly replaced: readonly string[];
  readonly unchanged: readonly string[];
}

/** Files that every place gets, or that are not for one host: their keys stand nowhere else. */
const COMMON = ["shared", "github-actions", "stack"];

/**
 * Takes variables over into a source. Everything is checked before anything is written, and a write that fails puts the
 * former file back. Throws a FaultsError.
 */
export async function importInto(request: Import): Promise<Imported> {
  const path = `secrets/${request.source}.sops.yaml`;
  await checkSource(request, path);
  const present = await decryptSource(request.root, path, request.env);
  const wanted = await checked(request, present);
  // A placeholder is no value: what takes its place is new.
  const valueOf = (name: string) => {
    const there = present.values.get(name.toLowerCase());
    return there === undefined || matches(there, TEMPLATE_VALUE) ? undefined : there;
  };
  const added = [...wanted.keys()].filter((name) => valueOf(name) === undefined);
  const differs = (name: string, secret: Secret) => {
    const there = valueOf(name);
    return there !== undefined && !isSame(there, secret);
  };
  const replaced = [...wanted].flatMap(([name, secret]) => (differs(name, secret) ? [name] : []));
  if (replaced.length > 0 && !request.replace) {
    const repair = "leave it out with --only, or overwrite git's value with --replace";
    throw new FaultsError(
      replaced.map((name) => ({ where: path, name: name.toLowerCase(), what: "is there with another value", repair })),
    );
  }
  const unchanged = [...wanted.keys()].filter((name) => !added.includes(name) && !replaced.includes(name));
  await write(request, path, new Map([...wanted].filter(([name]) => !unchanged.includes(name))));
  return { path, added, replaced, unchanged };
}

async function checkSource({ root, source }: Import, path: string): Promise<void> {
  const there = (await sourceNames(root)).filter((name) => name !== "stack");
  if (!there.includes(source)) {
    const what = source === "stack" ? "holds what the program itself needs and is sent nowhere" : "is not there";
    throw new FaultsError([{ where: path, what, repair: `name one of these sources: ${there.join(", ")}` }]);
  }
}

/** Names of the files below secrets/: `shared`, `vps-i1`, … */
export async function sourceNames(root: string): Promise<string[]> {
  const files = await readdir(join(root, "secrets")).catch(() => []);
  return files.flatMap((file) => (file.endsWith(".sops.yaml") ? [file.slice(0, -".sops.yaml".length)] : [])).sort();
}

/** The variables to take. Throws a FaultsError with everything that is wrong with any of them. */
async function checked(request: Import, present: Source): Promise<Map<string, Secret>> {
  const { file, only, where, root } = request;
  const faults: Fault[] = only === undefined ? [...file.faults] : [];
  const inventory = parseInventory(await readFile(join(root, "inventory.yaml"), "utf8").catch(() => "secrets: {}"));
  const elsewhere = await otherKeys(request);
  const names = only ?? [...file.values.keys(), ...file.unreadable.keys()];
  const wanted = new Map<string, Secret>();
  for (const name of names) {
    const secret = file.values.get(name);
    const what = secret === undefined ? undefined : problem(name, secret, request.source, inventory);
    const other = elsewhere.get(name.toLowerCase());
    if (secret === undefined) {
      const repair = "correct --only: names are separated by commas, as the file writes them";
      faults.push(file.unreadable.get(name) ?? { where, name, what: "is not in the file", repair });
    } else if (what !== undefined) {
      faults.push({ where, name, what, repair: "name the others with --only" });
    } else if (other !== undefined && !present.values.has(name.toLowerCase())) {
      const also = `stands in ${other} already: one secret has one source`;
      faults.push({ where, name, what: also, repair: "name the others with --only" });
    } else {
      wanted.set(name, secret);
    }
  }
  if (faults.length === 0 && wanted.size === 0) {
    faults.push({ where, what: "holds no variable", repair: "p24 import SOURCE FILE" });
  }
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
  return wanted;
}

function problem(name: string, secret: Secret, source: string, inventory: Inventory): string | undefined {
  const form = inventory.get(name.toLowerCase())?.form;
  if (variableName(name) !== name) {
    return "is no upper-case variable name, and the sources make all names upper-case";
  }
  const unfit = keyProblem(name.toLowerCase());
  if (unfit !== undefined) {
    return unfit;
  }
  if (ROOTS_OF_TRUST.has(name)) {
    return "is a root of trust: sops is opened with it, so it cannot live in sops";
  }
  if (source === "github-actions" ? isReservedAtGithub(name) : isReservedOnHosts(name)) {
    return "is a reserved name";
  }
  if (matches(secret, "")) {
    return "is empty, and the sources hold no empty value";
  }
  if (matches(secret, TEMPLATE_VALUE)) {
    return "still has the template's placeholder";
  }
  return form !== undefined && !matches(secret, form)
    ? "does not have the form that inventory.yaml expects"
    : cannotCarry(secret);
}

/** Keys of other sources with which one of this source would clash, and where each stands. No identity is needed. */
async function otherKeys({ root, source }: Import): Promise<Map<string, string>> {
  const others = (await sourceNames(root)).filter((name) => name !== source);
  const found = new Map<string, string>();
  for (const name of others.filter((other) => COMMON.includes(other) || COMMON.includes(source))) {
    const path = `secrets/${name}.sops.yaml`;
    for (const key of readStructure(await readFile(join(root, path), "utf8"), path).keys) {
      found.set(key.toLowerCase(), path);
    }
  }
  return found;
}

async function write({ root, env }: Import, path: string, secrets: ReadonlyMap<string, Secret>): Promise<void> {
  const former = await readFile(join(root, path), "utf8");
  for (const [name, secret] of secrets) {
    const code = await setInSource(root, path, name.toLowerCase(), secret, env);
    if (code !== 0) {
      await writeFile(join(root, path), former);
      const what = `sops could not write it (its exit code is ${String(code)}); nothing was changed`;
      throw new FaultsError([{ where: path, name: name.toLowerCase(), what, repair: `sops edit ${path} shows why` }]);
    }
  }
}
