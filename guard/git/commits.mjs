// @ts-check
/**
 * What a range of commits brings, oldest first, as git lists it: the commits themselves, and each entry that a commit adds
 * or changes. Of a merge those entries that none of its parents has, so that what was slipped into a merge is seen.
 */
import { spawn } from "node:child_process";

import { GitFailed, LITTLE_MEMORY } from "./run.mjs";

/**
 * @typedef {object} Brought
 * @property {string} commit
 * @property {string} path
 * @property {string} mode
 * @property {string} blob
 */

/**
 * Calls back for each commit and each entry; waits for what the callbacks give. Nothing is gathered here.
 *
 * @param {string} root
 * @param {readonly string[]} revs arguments of git-rev-list(1)
 * @param {{ env?: NodeJS.ProcessEnv, onCommit?: (id: string) => Promise<void> | void, onEntry: (entry: Brought) => Promise<void> | void }} options
 */
export async function walkCommits(root, revs, { env = process.env, onCommit, onEntry }) {
  const list = start(root, env, ["rev-list", "--reverse", "--topo-order", ...revs, "--"], "ignore");
  const options = ["-r", "-c", "--root", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff"];
  const tree = start(root, env, ["diff-tree", "--stdin", "--always", ...options], "pipe");
  list.child.stdout?.pipe(/** @type {import("node:stream").Writable} */ (tree.child.stdin));
  let commit = "";
  /** @type {string | undefined} */
  let raw;
  for await (const field of fields(/** @type {AsyncIterable<Buffer>} */ (tree.child.stdout))) {
    if (raw !== undefined) {
      const entry = entryOf(raw, field, commit);
      raw = undefined;
      if (entry !== undefined) {
        await onEntry(entry);
      }
    } else if (field.startsWith(":")) {
      raw = field;
    } else {
      commit = field.trim();
      await onCommit?.(commit);
    }
  }
  await Promise.all([list.ended, tree.ended]);
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} args
 * @param {"ignore" | "pipe"} stdin
 */
function start(root, env, args, stdin) {
  const child = spawn("git", [...LITTLE_MEMORY, ...args], {
    cwd: root,
    env,
    stdio: [stdin, "pipe", "ignore"],
    windowsHide: true,
  });
  child.stdin?.on("error", () => undefined);
  const ended = new Promise((resolve, reject) => {
    const failed = new GitFailed(args[0] ?? "");
    child.on("error", () => reject(failed));
    child.on("close", (code) => (code === 0 ? resolve(undefined) : reject(failed)));
  });
  ended.catch(() => undefined);
  return { child, ended };
}

/**
 * Texts that end in NUL.
 *
 * @param {AsyncIterable<Buffer>} stream
 */
async function* fields(stream) {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    let whole = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = whole.indexOf(0); end >= 0; end = whole.indexOf(0)) {
      yield whole.subarray(0, end).toString("utf8");
      whole = whole.subarray(end + 1);
    }
    rest = Buffer.from(whole);
  }
  if (rest.length > 0) {
    yield rest.toString("utf8");
  }
}

/**
 * git-diff(1), "RAW OUTPUT FORMAT" and "DIFF FORMAT FOR MERGES": as many colons as parents, then their modes and the
 * result's, their ids and the result's.
 *
 * @param {string} raw
 * @param {string} path
 * @param {string} commit
 * @returns {Brought | undefined} `undefined`: the entry is gone
 */
function entryOf(raw, path, commit) {
  const parents = /** @type {RegExpExecArray} */ (/^:+/.exec(raw))[0].length;
  const words = raw.slice(parents).split(" ");
  const mode = words[parents] ?? "";
  const blob = words[2 * parents + 1] ?? "";
  return /^0*$/.test(mode) ? undefined : { commit, path, mode, blob };
}
