import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { FaultsError } from "../../core/fault.js";
import { sourcePath } from "../../core/model/sources.js";
import { type Change, checkChange } from "../../core/rotation/check.js";
import { dayOf } from "../../core/rotation/due.js";
import type { Located } from "../../core/rotation/locate.js";
import { appendRows, LOG_FILE, pendingRow } from "../../core/rotation/log.mjs";
import { writeChange } from "../../core/rotation/write.js";
import { isIn, type Secret } from "../../core/seal/secret.js";
import { isSame } from "../../core/seal/sopsSet.js";
import { commitCommand, commitFiles, refuseChanged, whoCommits } from "../commit.js";
import type { Invocation } from "../verb.js";
import { INVENTORY_FILE, type Workplace, writeLog } from "./workplace.js";

/** A new value for a secret that is there. */
export interface NewValue {
  /** Asked for when nothing else stands in the way, so that nothing is typed for nothing. */
  readonly take: () => Promise<Secret>;
  readonly reason: string;
  /** The commit's message. */
  readonly message: string;
  readonly commit: boolean;
  readonly now: Date;
}

/**
 * Gives a secret a new value, with its pending row in the log. Everything is checked before anything is written. Gives the
 * commit, if one was made. Throws a FaultsError.
 */
export async function changeValue(place: Workplace, located: Located, value: NewValue): Promise<string | undefined> {
  const { root, env } = place;
  const { source, key, path, row } = located;
  const { reason, message, commit, now } = value;
  const paths = [path, LOG_FILE];
  const rotator = await whoCommits(root, env);
  if (commit) {
    await refuseChanged(root, env, paths);
  }
  const secret = await value.take();
  const change: Change = { source, key, secret };
  const present = (await checkChange(place, change)).values.get(key);
  if (present !== undefined && isSame(present, secret)) {
    const what = "has this value already; nothing was changed";
    throw new FaultsError([{ where: path, name: key, what, repair: "give the new value" }]);
  }
  if ([secret, present].some((one) => one !== undefined && isIn(one, reason))) {
    const what = "holds the value, and the log is not encrypted; nothing was changed";
    throw new FaultsError([{ where: "--reason", what, repair: "say why in other words" }]);
  }
  await writeChange(place, change);
  await writeLog(root, appendRows(place.log, [pendingRow({ date: dayOf(now), secret: row, reason, rotator })]));
  return commit ? commitFiles(root, env, paths, message) : undefined;
}

/** A change of what is there at all: a key more, with its entry in the inventory, or a key less. */
export interface Membership {
  readonly change: Change;
  /** The inventory's text afterwards. */
  readonly inventory: string;
  /** The log's text afterwards. */
  readonly log: string;
  readonly message: string;
  readonly commit: boolean;
}

/** Adds or removes a key that was checked. Throws a FaultsError, and then nothing has changed, or only git did not commit. */
export async function changeMembership(place: Workplace, one: Membership): Promise<string | undefined> {
  const { root, env } = place;
  const { change, inventory, log, message, commit } = one;
  const isNew = { inventory: inventory !== place.inventoryText, log: log !== place.log };
  const paths = [
    sourcePath(change.source),
    ...(isNew.inventory ? [INVENTORY_FILE] : []),
    ...(isNew.log ? [LOG_FILE] : []),
  ];
  if (commit) {
    await refuseChanged(root, env, paths);
  }
  await writeChange(place, change);
  if (isNew.inventory) {
    await writeFile(join(root, INVENTORY_FILE), inventory);
  }
  if (isNew.log) {
    await writeLog(root, log);
  }
  return commit ? commitFiles(root, env, paths, message) : undefined;
}

/** Says what became of it and what comes next. */
export function sayDone(
  print: Invocation["print"],
  done: string,
  commit: string | undefined,
  paths: readonly string[],
  message: string,
): void {
  print(commit === undefined ? done : `${done}, commit ${commit.slice(0, 12)} (${message})`);
  const next = commit === undefined ? `${commitCommand(paths, message)}, then ` : "";
  print(`Next: ${next}git push and let CI sync, or npm run up and p24 confirm.`);
}
