import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Fault, FaultsError } from "../fault.js";
import { sourcePath } from "../model/sources.js";
import { sourceNames } from "../sources/import.js";
import { readStructure } from "../sources/structure.js";

/** One key of one source. */
export interface Located {
  readonly key: string;
  /** `shared`, `github-actions`, `stack` or a host's name. */
  readonly source: string;
  /** From the repository's root. */
  readonly path: string;
  /** How the log's rows name it: the key, or `vps-i1/api_secret` where another source has the same key. */
  readonly row: string;
}

/** What the sources hold, read without an identity. */
export interface Keys {
  readonly all: readonly Located[];
  /** Sources that cannot be read: still a template, torn by a merge. */
  readonly faults: readonly Fault[];
}

/** Reads the keys of every file below secrets/. */
export async function readKeys(root: string): Promise<Keys> {
  const faults: Fault[] = [];
  const found = await Promise.all(
    (await sourceNames(root)).map(async (source) => {
      const path = sourcePath(source);
      try {
        const { keys } = readStructure(await readFile(join(root, path), "utf8"), path);
        return keys.map((key) => ({ key, source, path }));
      } catch (error) {
        if (!(error instanceof FaultsError)) {
          throw error;
        }
        faults.push(...error.faults);
        return [];
      }
    }),
  );
  const keys = found.flat();
  const twice = ({ key }: { key: string }) => keys.filter((other) => other.key === key).length > 1;
  return { all: keys.map((one) => ({ ...one, row: twice(one) ? `${one.source}/${one.key}` : one.key })), faults };
}

/**
 * The key that a word of the command line names: `smtp_password`, `SMTP_PASSWORD`, or `vps-i1/api_secret`. Throws a
 * FaultsError; the word is not repeated, because it may be a value that was typed at the wrong place.
 */
export function locate(word: string, { all, faults }: Keys): Located {
  const slash = word.indexOf("/");
  const source = slash === -1 ? undefined : word.slice(0, slash);
  const key = word.slice(slash + 1);
  const named = (one: Located) => one.key === key || one.key === key.toLowerCase();
  const fitting = all.filter((one) => named(one) && (source === undefined || one.source === source));
  const [only, ...others] = fitting;
  if (only === undefined) {
    const known = all.map(({ row }) => row).sort();
    const repair = known.length === 0 ? "p24 add NAME --to SOURCE" : `p24 add, or name one of: ${known.join(", ")}`;
    throw new FaultsError([...faults, { where: "secrets/", what: "no source has the key that was named", repair }]);
  }
  if (others.length > 0) {
    const repair = `name one: ${fitting.map(({ row }) => row).join(", ")}`;
    throw new FaultsError([{ where: "secrets/", name: only.key, what: "stands in several sources", repair }]);
  }
  return only;
}

/** The key at a place that git's history tells. One that the sources have no more is named by its file where another has it. */
export function locatedAt({ path, key }: Pick<Located, "path" | "key">, keys: readonly Located[]): Located {
  const source = path.replace(/^.*\//, "").replace(/(?:\.sops)?\.ya?ml$/i, "");
  const row = keys.some((other) => other.key === key) ? `${source}/${key}` : key;
  return keys.find((one) => one.path === path && one.key === key) ?? { key, source, path, row };
}

/** Whether a row of the log is about this key. */
export function isAbout(row: string, { key, source }: Pick<Located, "key" | "source">): boolean {
  return row === key || row === `${source}/${key}`;
}
