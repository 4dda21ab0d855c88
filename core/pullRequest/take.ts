import { lstat, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { type Fault, FaultsError } from "../fault.js";
import { replaceFile } from "../files.js";
import type { Remote } from "../git/remote.js";
import {
  aliasFaults,
  entryFaults,
  inventoryFaults,
  isTaken,
  keysIn,
  readEntry,
  settingsFaults,
  sourceFaults,
} from "./changes.js";

/** What was taken of a pull request into this checkout, and what was not. */
export interface Taken {
  /** Files of this checkout that are the pull request's now. */
  readonly paths: readonly string[];
  /** Changed files that are no data of a preview: the program, documents. */
  readonly others: readonly string[];
}

/** Where the fetched commit is kept. */
const REF = "refs/p24/pull-request";

/**
 * Takes the sources and settings that a pull request changes into the checkout of its base, as data: they are read out of git's
 * objects and written as plain files. Nothing of the pull request is checked out, so no filter, hook or program of its runs. Each
 * file is taken as the pull request has it; one that the base has changed since is refused, as a merge would join both.
 * Throws a FaultsError with all that is wrong, and has then written nothing.
 */
export async function takePullRequest(remote: Remote, root: string, head: string, stack: string): Promise<Taken> {
  if (!/^[0-9a-f]{40}$/.test(head)) {
    const repair = "the 40 digits of a commit: github.event.pull_request.head.sha";
    throw new FaultsError([{ where: "--head", what: "is no commit's full name", repair }]);
  }
  const fetch = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "origin", `+${head}:${REF}`];
  await remote.must("fetching the pull request", fetch);
  const base = (await remote.must("finding where it begins", ["merge-base", "HEAD", head])).trim();
  const args = ["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", base, head];
  const changed = (await remote.must("comparing it with its base", args)).split("\0").filter((path) => path !== "");
  const [paths, others] = [
    changed.filter((path) => isTaken(path, stack)),
    changed.filter((path) => !isTaken(path, stack)),
  ];
  const found = await Promise.all(paths.map((path) => readFile(remote, path, base, head)));
  const faults = found.flatMap(({ faults: its }) => its);
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
  for (const { path, text } of found) {
    await write(root, path, text);
  }
  return { paths, others };
}

interface Found {
  readonly path: string;
  /** `undefined`: the pull request deletes it. */
  readonly text: string | undefined;
  readonly faults: readonly Fault[];
}

async function readFile(remote: Remote, path: string, base: string, head: string): Promise<Found> {
  const entryAt = async (revision: string) =>
    readEntry((await remote.git(["ls-tree", "--long", "-z", revision, "--", path])).stdout);
  const [there, here, before] = await Promise.all([head, "HEAD", base].map(entryAt));
  if (here?.id !== before?.id && here?.id !== there?.id) {
    const repair = "git merge or rebase onto the base branch, and push";
    return { path, text: undefined, faults: [{ where: path, what: "was changed on the base branch as well", repair }] };
  }
  if (there === undefined) {
    return { path, text: undefined, faults: [] };
  }
  const faults = entryFaults(path, there);
  if (faults.length > 0) {
    return { path, text: undefined, faults };
  }
  const text = await remote.must(`reading ${path}`, ["cat-file", "blob", there.id]);
  const former = before === undefined ? "" : await remote.must(`reading ${path}`, ["cat-file", "blob", before.id]);
  const aliases = aliasFaults(path, text);
  return { path, text, faults: aliases.length > 0 ? aliases : await contentFaults(remote, path, former, text) };
}

async function contentFaults(remote: Remote, path: string, former: string, text: string): Promise<Fault[]> {
  if (path.startsWith("secrets/")) {
    return sourceFaults(path, text);
  }
  if (path.startsWith("Pulumi.")) {
    return settingsFaults(path, former, text);
  }
  return path === "inventory.yaml" ? inventoryFaults(path, former, text, await keysAt(remote, "HEAD")) : [];
}

/** The keys of all sources of a commit. */
async function keysAt(remote: Remote, revision: string): Promise<Set<string>> {
  const names = await remote.must("listing the sources", ["ls-tree", "--name-only", "-z", revision, "--", "secrets/"]);
  const paths = names.split("\0").filter((path) => path.endsWith(".sops.yaml"));
  const read = (path: string) => remote.must(`reading ${path}`, ["cat-file", "blob", `${revision}:${path}`]);
  return new Set((await Promise.all(paths.map(read))).flatMap(keysIn));
}

async function write(root: string, path: string, text: string | undefined): Promise<void> {
  const folder = await lstat(join(root, dirname(path))).catch(() => undefined);
  if (folder?.isDirectory() !== true) {
    const repair = "git checkout of the base branch";
    throw new FaultsError([{ where: dirname(path), what: "is no folder of this checkout", repair }]);
  }
  await (text === undefined ? rm(join(root, path), { force: true }) : replaceFile(join(root, path), text));
}
