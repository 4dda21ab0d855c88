import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { reencrypt } from "../../core/access/reencrypt.js";
import { refuseLockOut } from "../../core/access/lockedOut.js";
import { withoutRows } from "../../core/access/rows.js";
import { FaultsError } from "../../core/fault.js";
import { replaceFile } from "../../core/files.js";
import { parseRecipients } from "../../core/model/recipients.js";
import { fileAt } from "../../core/observe/git.js";
import { LOG_FILE } from "../../core/rotation/log.mjs";
import { hasSameValues } from "../../core/seal/sopsSet.js";
import { decryptSource, openText } from "../../core/sources/decrypt.js";
import { readStructure } from "../../core/sources/structure.js";
import { changedFiles, commitFiles, foreignFaults } from "../commit.js";
import { readLog } from "../rotation/workplace.js";
import { type AccessPlace, isEqual, RULES_FILE, unlikeTheirRule } from "./place.js";

/** A change of who can open the sources. */
export interface AccessChange {
  /** What it makes of a text of .sops.yaml; one that has it already stays as it is. */
  readonly edit: (rules: string) => string;
  /** Sources that get a new data key; of the others those whose recipients change are encrypted to the new ones. */
  readonly rotated: readonly string[];
  /** The rows that it opens in the log. */
  readonly rows?: {
    /** Their reason. */
    readonly reason: string;
    /** The log's text with them. */
    readonly log: string;
  };
  readonly message: string;
  readonly commit: boolean;
}

/** What became of it. */
export interface AccessChanged {
  /** The sources that were encrypted anew by this run. */
  readonly sources: readonly string[];
  /** The files that are changed and, without a commit, still to be committed. */
  readonly files: readonly string[];
  readonly commit: string | undefined;
}

/**
 * Changes rules, sources and log, and commits them. What is to be written is made and checked before anything is, then each
 * file takes the place of the former one whole. A run that was killed between two of them is gone on with by the next: what
 * it left is told from other people's changes by what it says. Throws a FaultsError.
 */
export async function changeAccess(place: AccessPlace, change: AccessChange): Promise<AccessChanged> {
  const { root, env } = place;
  const rules = change.edit(place.rulesText);
  const recipients = parseRecipients(rules);
  refuseLockOut(place.recipients, recipients, place.mine);
  const left = change.commit ? await leftByKilledRun(place, change, rules) : [];

  const rewrapped = unlikeTheirRule(place, recipients).filter((path) => !change.rotated.includes(path));
  const common = { root, rules, env };
  const texts = new Map([
    ...(await reencrypt({ ...common, paths: rewrapped, newDataKeys: false })),
    ...(await reencrypt({ ...common, paths: change.rotated, newDataKeys: true })),
  ]);
  const sources = [...texts.keys()].sort();
  if (rules !== place.rulesText) {
    texts.set(RULES_FILE, rules);
  }
  if (change.rows !== undefined && change.rows.log !== (await readLog(root))) {
    texts.set(LOG_FILE, change.rows.log);
  }
  // The rules first: who repairs what a killed run left by `sops updatekeys` repairs it in the right direction.
  for (const path of [RULES_FILE, ...sources, LOG_FILE]) {
    const text = texts.get(path);
    if (text !== undefined) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await replaceFile(join(root, path), text);
    }
  }
  const files = [...new Set([...left, ...texts.keys()])].sort();
  const isCommitted = change.commit && files.length > 0;
  return { sources, files, commit: isCommitted ? await commitFiles(root, env, files, change.message) : undefined };
}

/** The files that a killed run of the same change has written. Throws a FaultsError for changes that are somebody else's. */
async function leftByKilledRun(place: AccessPlace, change: AccessChange, rules: string): Promise<string[]> {
  const { root, env, sources } = place;
  const { reason } = change.rows ?? {};
  const concerned = [RULES_FILE, ...sources.keys(), ...(reason === undefined ? [] : [LOG_FILE])];
  const changed = await changedFiles(root, env, concerned);
  const isOurs = async (path: string): Promise<boolean> => {
    const [former, present] = await Promise.all([
      fileAt(root, "HEAD", path),
      readFile(join(root, path), "utf8").catch(() => undefined),
    ]);
    if (present === undefined) {
      return false; // we take no file away
    }
    switch (path) {
      case RULES_FILE:
        return former !== undefined && isSameText(change.edit(former), present);
      case LOG_FILE: {
        const rest = (text: string) => withoutRows(text, reason ?? "");
        return isSameText(rest(former ?? ""), rest(present));
      }
      default:
        return former !== undefined && isReencrypted(place, path, former, present, rules);
    }
  };
  const judged = await Promise.all(changed.map(async (path) => ({ path, ours: await isOurs(path).catch(notOurs) })));
  const foreign = judged.filter(({ ours }) => !ours).map(({ path }) => path);
  if (foreign.length > 0) {
    throw new FaultsError(foreignFaults(foreign));
  }
  return changed;
}

async function isReencrypted(
  { root, env }: AccessPlace,
  path: string,
  former: string,
  present: string,
  rules: string,
): Promise<boolean> {
  const wanted = parseRecipients(rules).ruleFor(path);
  if (wanted === undefined || !isEqual(readStructure(present, path).recipients, wanted)) {
    return false;
  }
  const [before, after] = await Promise.all([openText(root, former, path, env), decryptSource(root, path, env)]);
  return before !== undefined && hasSameValues(before, after.values);
}

/** Git writes the line ends of the checkout. */
function isSameText(one: string, other: string): boolean {
  return one.replaceAll("\r\n", "\n") === other.replaceAll("\r\n", "\n");
}

function notOurs(error: unknown): false {
  if (!(error instanceof FaultsError)) {
    throw error;
  }
  return false;
}
