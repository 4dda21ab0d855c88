import type { Inventory } from "../model/inventory.js";
import { commitsTouching, fileAt } from "../observe/git.js";
import { type Age, ageOf, dayOf, lastChange } from "./due.js";
import type { Located } from "./locate.js";
import { changedKeys, type LogRow } from "./log.mjs";

/**
 * Every secret that has an interval in inventory.yaml, the one that is due first at the top. The day of its last change comes
 * from the log, else from git's history, which needs no identity.
 */
export async function readAges(
  root: string,
  keys: readonly Located[],
  inventory: Inventory,
  rows: readonly LogRow[],
  now: Date,
): Promise<Age[]> {
  const ages = await Promise.all(
    keys.flatMap((secret) => {
      const days = inventory.get(secret.key)?.rotation_days;
      return days === undefined ? [] : [readAge(root, secret, days, rows, now)];
    }),
  );
  return ages.sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
}

function orderOf({ due, secret }: Age): string {
  return `${due ?? ""} ${secret.row}`;
}

async function readAge(root: string, secret: Located, days: number, rows: readonly LogRow[], now: Date): Promise<Age> {
  const changed = lastChange(rows, secret) ?? (await lastChangeInGit(root, secret));
  return ageOf(secret, days, changed, dayOf(now));
}

/**
 * The day (UTC) of the newest commit that gave the key another value. One that encrypted the whole file anew may have done so,
 * too, and only who can open the file could tell: it is passed over, or counts with `maybe`.
 */
export async function lastChangeInGit(
  root: string,
  { path, key }: Pick<Located, "path" | "key">,
  maybe = false,
): Promise<string | undefined> {
  for (const { commit, day } of await commitsTouching(root, path, key)) {
    const [before, after] = await Promise.all([fileAt(root, `${commit}^`, path), fileAt(root, commit, path)]);
    const { added, changed, unknown } = changedKeys(before, after);
    const wasInClear = before !== undefined && !/^sops:/m.test(before);
    if (added.includes(key) || changed.includes(key) || ((maybe || wasInClear) && unknown.includes(key))) {
      return day;
    }
  }
  return undefined;
}
