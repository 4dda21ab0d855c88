// @ts-check
/**
 * The rotation log's part of a commit: a value that changes in a staged source gets its pending row, staged with it. Loaded
 * only when a source is staged.
 */
import { lstatSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { appendRows, changedKeys, LOG_FILE, pendingRow, withoutRow } from "../core/rotation/log.mjs";
import { Blobs } from "./git/blobs.mjs";
import { parseListed } from "./git/entries.mjs";
import { git, gitText } from "./git/run.mjs";
import { isSourcePath } from "./rules/names.mjs";
import { readSource } from "./rules/sources.mjs";

/** @typedef {import("./staged.mjs").Source} Source */

/**
 * Appends and stages the rows that are missing. Gives what there is to say about it.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly Source[]} sources
 * @param {Date} [now]
 * @returns {Promise<string[]>}
 */
export async function stageRows(root, env, sources, now = new Date()) {
  const changes = sources.map(({ path, text, former }) => ({ path, ...changedKeys(former, text) }));
  const notes = changes
    .filter(({ unknown }) => unknown.length > 0)
    .map(
      ({ path }) => `${path} was encrypted anew, so it cannot be told here which values changed; p24 log check tells`,
    );
  const changed = changes.flatMap(({ path, changed: keys }) => keys.map((key) => ({ path, key })));
  if (changed.length === 0) {
    return notes;
  }
  const blobs = new Blobs(root, env);
  try {
    const [before, staged, listed, author] = await Promise.all([
      blobs.text(`HEAD:${LOG_FILE}`),
      blobs.text(`:${LOG_FILE}`),
      gitText(root, ["ls-files", "--stage", "-z"], { env }),
      // git tells hooks of a commit who its author is.
      env["GIT_AUTHOR_NAME"] ?? gitText(root, ["var", "GIT_AUTHOR_IDENT"], { env }).catch(() => ""),
    ]);
    if (staged === undefined) {
      return [...notes, `${LOG_FILE} is not in this repository, so no row was written for what changed`];
    }
    const names = await namesOf(changed, parseListed(listed), blobs);
    const missing = withoutRow(names, before ?? "", staged);
    if (missing.length === 0) {
      return notes;
    }
    const rows = missing.map((secret) =>
      pendingRow({
        date: now.toISOString().slice(0, 10),
        secret,
        reason: "changed with sops",
        rotator: author.replace(/ <.*$/s, "").trim(),
      }),
    );
    const mode = parseListed(listed).find(({ path }) => path === LOG_FILE)?.mode ?? "100644";
    await stage(root, env, appendRows(staged, rows), mode);
    appendInFolder(root, staged, rows);
    return [...notes, `${LOG_FILE} got a pending row for ${missing.join(", ")}, which is part of this commit`];
  } finally {
    await blobs.close();
  }
}

/**
 * A secret's name in the log: its key, or `vps-i1/api_secret` where another source has the same key.
 *
 * @param {readonly { path: string, key: string }[]} changed
 * @param {readonly import("./git/entries.mjs").Entry[]} listed
 * @param {Blobs} blobs
 */
async function namesOf(changed, listed, blobs) {
  const sources = await Promise.all(
    listed
      .filter(({ path }) => isSourcePath(path))
      .map(async ({ path, blob }) => ({ path, keys: new Set(readSource((await blobs.text(blob)) ?? "", path).keys) })),
  );
  return changed.map(({ path, key }) => {
    const isElsewhere = sources.some((other) => other.path !== path && other.keys.has(key));
    return isElsewhere ? `${basename(path).replace(/\.sops\.ya?ml$/i, "")}/${key}` : key;
  });
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {string} text
 * @param {string} mode
 */
async function stage(root, env, text, mode) {
  const blob = (await gitText(root, ["hash-object", "-w", "--stdin"], { env, input: text })).trim();
  const update = ["update-index", "--cacheinfo", `${mode},${blob},${LOG_FILE}`];
  await git(root, update, { env });
  const index = env["GIT_INDEX_FILE"];
  // `git commit -- PATH` commits from an index of its own, and has the one that follows it ready beside (git's
  // builtin/commit.c, prepare_index): without the row there, the next commit would take it away again.
  if (index !== undefined && basename(index).startsWith("next-index-")) {
    await git(root, update, { env: { ...env, GIT_INDEX_FILE: join(dirname(index), "index.lock") } });
  }
}

/**
 * The file in the folder gets the same rows, also when it has changes that are not staged. A link is left alone.
 *
 * @param {string} root
 * @param {string} staged
 * @param {Parameters<typeof appendRows>[1]} rows
 */
function appendInFolder(root, staged, rows) {
  const file = join(root, LOG_FILE);
  try {
    if (!lstatSync(dirname(file)).isDirectory() || !lstatSync(file).isFile()) {
      return;
    }
    const text = readFileSync(file, "utf8");
    const isSame = text.replaceAll("\r\n", "\n") === staged.replaceAll("\r\n", "\n");
    writeFileSync(
      file,
      appendRows(
        text,
        isSame ||
          withoutRow(
            rows.map(({ secret }) => secret),
            staged,
            text,
          ).length > 0
          ? rows
          : [],
      ),
    );
  } catch {
    // Not in the folder (a sparse checkout, or deleted there): the commit has it all the same.
  }
}
