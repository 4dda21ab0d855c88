import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Fault, FaultsError } from "../../../core/fault.js";
import { type Inventory, parseInventory } from "../../../core/model/inventory.js";
import { TEMPLATE_VALUE } from "../../../core/model/names.js";
import { sourcePath } from "../../../core/model/sources.js";
import { stackValueProblem } from "../../../core/model/stackSecrets.js";
import { matches, type Secret } from "../../../core/seal/secret.js";
import { setInSource, unsetInSource } from "../../../core/seal/sopsSet.js";
import { decryptSource } from "../../../core/sources/decrypt.js";
import type { DotenvFile } from "../../../core/sources/dotenvFile.js";
import { importInto } from "../../../core/sources/import.js";
import { countKeys } from "../counts.js";
import { done, needs, type Site, type Step, toDo } from "../step.js";
import { openOf, waitsFor } from "../walk.js";

/**
 * The placeholders of one source get their values: from what the operator gave (`--values`), and are removed where the team
 * does without (`--without`). What has a value already is left alone.
 */
export function values(name: string, sources: readonly string[]): Step {
  const path = sourcePath(name);
  let asked = false;
  return {
    name: `values ${name}`,
    async look(site, earlier) {
      // A key that another source has already is refused, so all of them must be readable; the stack's own stand apart.
      const before = name === "stack" ? ["stack"] : sources;
      const open = openOf(earlier, "own values", ...before.map((one) => `encrypt ${one}`));
      if (open.length > 0) {
        return waitsFor(open);
      }
      const present = await decryptSource(site.root, path, site.env);
      const empty = [...present.values].filter(([, value]) => matches(value, TEMPLATE_VALUE)).map(([key]) => key);
      const dropped = empty.filter((key) => site.wishes.without.has(key));
      const named = empty.filter(
        (key) => !dropped.includes(key) && site.wishes.values?.values.has(key.toUpperCase()) === true,
      );
      const counts = named.length === 0 ? new Map<string, number>() : await countKeys(site.root, sources);
      // Of a name that two hosts have it cannot be told whose value this is.
      const given = named.filter((key) => counts.get(key.toLowerCase()) === 1);
      if (given.length + dropped.length > 0) {
        const parts = [
          ...(given.length > 0 ? [`fills in ${given.join(", ")}`] : []),
          ...(dropped.length > 0 ? [`removes ${dropped.join(", ")}`] : []),
        ];
        return toDo(parts.join("; "), async () => {
          await fill(site, name, given, site.wishes.values);
          for (const key of dropped) {
            check(path, key, await unsetInSource(site.root, path, key, site.env));
          }
        });
      }
      if (empty.length > 0 && site.ask !== undefined && !asked) {
        return toDo(`asks for ${String(empty.length)} values; Enter leaves one for later`, async () => {
          asked = true;
          await askFor(site, name, empty);
        });
      }
      return empty.length === 0
        ? done(`${String(present.values.size)} of ${String(present.values.size)} are there`)
        : missing(site, name, empty);
    },
  };
}

async function missing({ root }: Site, name: string, empty: readonly string[]) {
  const inventory = await readInventory(root);
  const named = empty.map((key) => `${key}${issuer(inventory, key)}`);
  return needs(
    `${String(empty.length)} still have the template's placeholder: ${named.join(", ")}`,
    "npm run p24 -- init --values FILE       FILE holds lines NAME=VALUE, as a .env file; - is standard input",
    `npm run p24 -- init --without NAME,…    removes what you do not have`,
    name === "stack"
      ? `sops edit ${sourcePath(name)}    by hand`
      : `npm run p24 -- import ${name} FILE --only NAME,…    a name that two hosts have; or by hand: sops edit ${sourcePath(name)}`,
  );
}

function issuer(inventory: Inventory, key: string): string {
  const from = inventory.get(key)?.issuer;
  return from === undefined ? "" : ` (${from})`;
}

async function readInventory(root: string): Promise<Inventory> {
  return parseInventory(await readFile(join(root, "inventory.yaml"), "utf8").catch(() => "secrets: {}"));
}

async function fill(site: Site, name: string, keys: readonly string[], file: DotenvFile | undefined): Promise<void> {
  if (file === undefined || keys.length === 0) {
    return;
  }
  const names = keys.map((key) => key.toUpperCase());
  if (name === "stack") {
    return fillStack(site, new Map(names.map((one) => [one.toLowerCase(), file.values.get(one) as Secret])));
  }
  const common = { root: site.root, env: site.env, where: VALUES, file, replace: false };
  await importInto({ ...common, source: name, only: names });
}

/** A value that does not fit is told, and stays open; the others are asked for all the same. */
async function askFor(site: Site, name: string, keys: readonly string[]): Promise<void> {
  const inventory = await readInventory(site.root);
  for (const key of keys) {
    const secret = await site.ask?.(`${key}${issuer(inventory, key)}: `);
    if (secret === undefined || matches(secret, "")) {
      continue;
    }
    try {
      const typed = {
        values: new Map([[key.toUpperCase(), secret]]),
        unreadable: new Map<string, Fault>(),
        faults: [],
      };
      await fill(site, name, [key], typed);
    } catch (error) {
      if (!(error instanceof FaultsError)) {
        throw error;
      }
      site.print(error.message);
    }
  }
}

/** How the operator's file of values is named in faults. */
export const VALUES = "--values";

async function fillStack({ root, env }: Site, given: ReadonlyMap<string, Secret>): Promise<void> {
  const path = sourcePath("stack");
  const faults: Fault[] = [...given].flatMap(([key, secret]) => {
    const what = stackValueProblem(key, secret);
    return what === undefined ? [] : [{ where: VALUES, name: key.toUpperCase(), what, repair: "correct it there" }];
  });
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
  for (const [key, secret] of given) {
    check(path, key, await setInSource(root, path, key, secret, env));
  }
}

function check(path: string, key: string, code: number | undefined): void {
  if (code !== 0) {
    const what = `sops could not write it (its exit code is ${String(code)})`;
    throw new FaultsError([{ where: path, name: key, what, repair: `sops edit ${path} shows why` }]);
  }
}
