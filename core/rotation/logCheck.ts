import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { FaultsError } from "../fault.js";
import { sourcePath } from "../model/sources.js";
import { commitOf, fileAt } from "../observe/git.js";
import { isSame } from "../seal/sopsSet.js";
import { sourceNames } from "../sources/import.js";
import { openText } from "../sources/decrypt.js";
import { changedKeys, LOG_FILE, withoutRow } from "./log.mjs";

/** A value that was changed and has no row. */
export interface Unlogged {
  readonly path: string;
  readonly key: string;
}

/** What a check of the log gave. */
export interface LogCheck {
  readonly unlogged: readonly Unlogged[];
  /** Files that were encrypted anew as a whole and that nobody here can open, so that nothing is known of their values. */
  readonly unknown: readonly string[];
}

/**
 * Compares the sources and the log with those of a commit: whose value changed, and who has no row more. Two ciphertexts
 * tell that without an identity; only where a whole file was encrypted anew it takes one. Throws a FaultsError when the
 * clone does not know the commit.
 */
export async function checkLog(root: string, base: string, env: NodeJS.ProcessEnv): Promise<LogCheck> {
  const commit = await commitOf(root, base);
  if (commit === undefined) {
    const repair = "git fetch; in a workflow: actions/checkout with fetch-depth: 0";
    throw new FaultsError([{ where: "--base", what: "names no commit that this clone knows", repair }]);
  }
  const [before, after] = await Promise.all([fileAt(root, commit, LOG_FILE), textOf(root, LOG_FILE)]);
  const checks = await Promise.all(
    (await sourceNames(root)).map(async (name) => {
      const path = sourcePath(name);
      const changed = await changedValues(root, commit, path, env);
      const keys = changed === undefined ? [] : withoutRow(changed, before ?? "", after ?? "");
      return { unlogged: keys.map((key) => ({ path, key })), unknown: changed === undefined ? [path] : [] };
    }),
  );
  return {
    unlogged: checks.flatMap(({ unlogged }) => unlogged),
    unknown: checks.flatMap(({ unknown }) => unknown),
  };
}

/** Keys whose value is another one than at the commit; `undefined` when only an identity could tell, and none fits. */
async function changedValues(
  root: string,
  commit: string,
  path: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[] | undefined> {
  const [before = "", after = ""] = await Promise.all([fileAt(root, commit, path), textOf(root, path)]);
  const { changed, unknown } = changedKeys(before, after);
  if (unknown.length === 0) {
    return changed;
  }
  if (!/^sops:/m.test(before)) {
    return []; // a template that was encrypted: its values are the first ones
  }
  const [former, present] = await Promise.all([openText(root, before, path, env), openText(root, after, path, env)]);
  if (former === undefined || present === undefined) {
    return undefined;
  }
  return unknown.filter((key) => {
    const [one, other] = [former.get(key), present.get(key)];
    return one !== undefined && other !== undefined && !isSame(one, other);
  });
}

async function textOf(root: string, path: string): Promise<string | undefined> {
  return readFile(join(root, path), "utf8").catch(() => undefined);
}
