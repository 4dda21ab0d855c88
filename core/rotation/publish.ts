import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { type Fault, FaultsError } from "../fault.js";
import type { Remote } from "../git/remote.js";
import { closeRows, isOpen, LOG_FILE, type LogRow, parseLog } from "./log.mjs";

/** What became of closed rows. */
export type Published =
  /** The branch has them already, or has none of them any more. */
  | { readonly kind: "nothing" }
  | { readonly kind: "pushed"; readonly commit: string }
  /** The branch is protected: they are on a branch of their own, for a pull request. */
  | { readonly kind: "proposed"; readonly commit: string; readonly branch: string };

/** Where rows wait for a person when the branch takes no push. */
export const PROPOSED_BRANCH = "p24/rotation-log";

/** Keeps what was published last for whoever reports it, in this clone only. */
export const PUBLISHED_REF = "refs/p24/rotation-log";

const TRIES = 5;

/**
 * Closes rows in the log as the branch at the origin has it now, and pushes that as one commit: whatever was pushed since this
 * checkout is kept, and no file of this clone is touched. Somebody who pushes in the same moment makes it begin anew. Throws a
 * FaultsError.
 */
export async function publishRows(
  remote: Remote,
  root: string,
  branch: string,
  closed: readonly LogRow[],
  confirmed: string,
  message: string,
): Promise<Published> {
  for (let left = TRIES; left > 0; left -= 1) {
    const tip = await fetchBranch(remote, branch);
    const text = await logAt(remote, tip);
    const next = closeSame(text, closed, confirmed);
    if (next === text) {
      return { kind: "nothing" };
    }
    const commit = await commitLog(remote, root, tip, next, message);
    const verdict = judge(await remote.git(["push", "--quiet", "origin", `${commit}:refs/heads/${branch}`]));
    if (verdict === "protected") {
      return propose(remote, next, commit);
    }
    if (verdict === "pushed") {
      await remember(remote, commit);
      return { kind: "pushed", commit };
    }
  }
  const repair = "run it again; nothing is lost, the rows stay open meanwhile";
  throw new FaultsError([{ where: `origin/${branch}`, what: "was pushed to at each of five attempts", repair }]);
}

async function remember(remote: Remote, commit: string): Promise<void> {
  await remote.must("keeping what was published", ["update-ref", PUBLISHED_REF, commit]);
}

async function fetchBranch(remote: Remote, branch: string): Promise<string> {
  const ref = `refs/remotes/origin/${branch}`;
  await remote.must(`fetching ${branch}`, ["fetch", "--quiet", "--no-tags", "origin", `+refs/heads/${branch}:${ref}`]);
  return (await remote.must(`reading ${branch}`, ["rev-parse", ref])).trim();
}

async function logAt(remote: Remote, commit: string): Promise<string> {
  const { code, stdout } = await remote.git(["show", `${commit}:${LOG_FILE}`]);
  return code === 0 ? stdout : "";
}

/** Each row closes one of the same text, and no more: a second rotation of the same day has its own. */
export function closeSame(text: string, closed: readonly LogRow[], confirmed: string): string {
  const left = closed.map(sameAs);
  const takes = (row: LogRow) => {
    const at = left.indexOf(sameAs(row));
    return at !== -1 && left.splice(at, 1).length === 1;
  };
  return closeRows(text, takes, confirmed).text;
}

/** A row without what closing it changes. */
function sameAs({ date, secret, reason, rotator }: LogRow): string {
  return JSON.stringify([date, secret, reason, rotator]);
}

/** A commit on top of `parent` that changes the log alone, made beside the clone's own index. */
async function commitLog(remote: Remote, root: string, parent: string, text: string, message: string) {
  const gitDir = (await remote.must("finding .git", ["rev-parse", "--git-path", "."])).trim();
  const index = join(root, gitDir, `p24-index-${randomBytes(6).toString("hex")}`);
  const env = { GIT_INDEX_FILE: index };
  const step = (...args: string[]) => remote.must("making the commit", args, { env });
  try {
    const blob = (await remote.must("writing the log", ["hash-object", "-w", "--stdin"], { input: text })).trim();
    await step("read-tree", parent);
    await step("update-index", "--add", "--cacheinfo", `100644,${blob},${LOG_FILE}`);
    const tree = (await step("write-tree")).trim();
    return (await step("commit-tree", tree, "-p", parent, "-m", message)).trim();
  } finally {
    await rm(index, { force: true });
  }
}

type Verdict = "pushed" | "race" | "protected";

/** How git and GitHub say it: builtin/push.c; docs.github.com, "Troubleshooting rules", GH006 and GH013. */
const PROTECTED = /GH006|GH013|protected branch|rule violations|pre-receive hook declined/i;
const RACE = /fetch first|non-fast-forward|stale info|cannot lock ref|failed to update ref|incorrect old value/i;

/** What became of a push. Throws a FaultsError for what neither waiting nor a pull request repairs. */
export function judge({ code, stderr }: { readonly code: number | undefined; readonly stderr: string }): Verdict {
  if (code === 0) {
    return "pushed";
  }
  if (PROTECTED.test(stderr)) {
    return "protected";
  }
  if (RACE.test(stderr)) {
    return "race";
  }
  const repair = "give the App the permission Contents: read and write; git push origin shows what it says";
  throw new FaultsError([
    { where: "origin", what: "did not take the push of the rotation log", repair } satisfies Fault,
  ]);
}

/** What waits on the branch for a pull request already is left as it is, so that nobody's review is thrown away. */
async function propose(remote: Remote, next: string, commit: string): Promise<Published> {
  const { code } = await remote.git([
    "fetch",
    "--quiet",
    "--no-tags",
    "origin",
    `+refs/heads/${PROPOSED_BRANCH}:refs/remotes/origin/${PROPOSED_BRANCH}`,
  ]);
  const waiting = code === 0 ? `refs/remotes/origin/${PROPOSED_BRANCH}` : undefined;
  if (waiting !== undefined && isSameBut(await logAt(remote, waiting), next)) {
    const there = (await remote.must("reading the branch", ["rev-parse", waiting])).trim();
    await remember(remote, there);
    return { kind: "proposed", commit: there, branch: PROPOSED_BRANCH };
  }
  await remote.must(`pushing ${PROPOSED_BRANCH}`, [
    "push",
    "--quiet",
    "--force",
    "origin",
    `${commit}:refs/heads/${PROPOSED_BRANCH}`,
  ]);
  await remember(remote, commit);
  return { kind: "proposed", commit, branch: PROPOSED_BRANCH };
}

/** Whether two logs say the same, but for the times of confirmations. */
function isSameBut(one: string, other: string): boolean {
  const says = (text: string) => parseLog(text).map((row) => [sameAs(row), row.state]);
  return JSON.stringify(says(one)) === JSON.stringify(says(other));
}

/** The rows that are open in one log and closed in a later one, with what they say now. */
export function closedBetween(before: string, after: string): LogRow[] {
  const open = parseLog(before).filter(isOpen).map(sameAs);
  return parseLog(after).filter((row) => {
    const at = isOpen(row) ? -1 : open.indexOf(sameAs(row));
    return at !== -1 && open.splice(at, 1).length === 1;
  });
}
