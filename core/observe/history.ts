import { spawn } from "node:child_process";

import { FaultsError } from "../fault.js";
import { run } from "../process.js";

/** A commit that put one content of a file in the place of another; `undefined` where there was or is no file. */
export interface FileStep {
  readonly commit: string;
  /** When it was committed, ISO 8601. */
  readonly at: string;
  readonly path: string;
  /** Names of git's objects. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/**
 * Every change of the files that a pathspec names, on every branch, tag and stash that this clone has, newest first. A merge has one step
 * for each of its parents. Throws a FaultsError when history is cut off or there is none.
 */
export async function readSteps(root: string, ...pathspecs: readonly string[]): Promise<FileStep[]> {
  await checkWhole(root);
  // Without --full-history a branch whose changes a merge threw away would be left out.
  const which = ["--all", "--full-history", "-m", "--root", "--topo-order"];
  const how = ["--raw", "--no-abbrev", "--no-renames", "-z", "--relative", "--format=commit %H %cI"];
  const { code, stdout } = await run("git", ["log", ...which, ...how, "--", ...pathspecs], {
    cwd: root,
  });
  if (code !== 0) {
    throw new FaultsError([{ where: "git", what: "its history cannot be read", repair: "git fsck shows why" }]);
  }
  return parseSteps(stdout);
}

async function checkWhole(root: string): Promise<void> {
  const git = (...args: string[]) => run("git", args, { cwd: root });
  const [head, shallow] = await Promise.all([
    git("rev-parse", "--verify", "--quiet", "HEAD"),
    git("rev-parse", "--is-shallow-repository"),
  ]);
  if (head.code !== 0) {
    const what = "this is not a checkout with a commit";
    throw new FaultsError([{ where: "git", what, repair: "run from a clone of the repository" }]);
  }
  if (shallow.stdout.trim() === "true") {
    const what = "the clone is shallow, so nobody can tell what stood in the sources before";
    throw new FaultsError([{ where: "git", what, repair: "git fetch --unshallow" }]);
  }
}

const COMMIT = /^\n?commit ([0-9a-f]+) (\S+)$/;
const CHANGE = /^\n?:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) [A-Z]\d*$/;

/** Takes `git log --raw -z --format='commit %H %cI'` apart: what begins with a colon has its path behind it. */
function parseSteps(log: string): FileStep[] {
  const steps: FileStep[] = [];
  const words = log.split("\0");
  let [commit, at] = ["", ""];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const begun = COMMIT.exec(word);
    const change = CHANGE.exec(word);
    if (begun !== null) {
      [commit, at] = [begun[1] ?? "", begun[2] ?? ""];
    } else if (change !== null) {
      index += 1;
      steps.push({ commit, at, path: words[index] ?? "", from: object(change[1]), to: object(change[2]) });
    }
  }
  return steps;
}

function object(name = ""): string | undefined {
  return /^0*$/.test(name) ? undefined : name;
}

/** The files below a folder as HEAD has them: path to name of git's object. */
export async function filesOfHead(root: string, folder: string): Promise<Map<string, string>> {
  const { stdout } = await run("git", ["ls-tree", "-r", "-z", "HEAD", "--", folder], { cwd: root });
  return new Map(
    stdout.split("\0").flatMap((entry) => {
      const [, name, path] = /^\d+ blob ([0-9a-f]+)\t(.+)$/s.exec(entry) ?? [];
      return name === undefined || path === undefined ? [] : [[path, name] as const];
    }),
  );
}

/** Longer than any source: what is larger is none. */
const LONGEST_BYTES = 4 * 1024 * 1024;

/** The texts of git's objects, one after the other, in the order of `names`; `undefined` for one that is too large. */
export async function* readObjects(root: string, names: readonly string[]): AsyncGenerator<string | undefined> {
  const child = spawn("git", ["cat-file", "--batch"], {
    cwd: root,
    stdio: ["pipe", "pipe", "ignore"],
    windowsHide: true,
  });
  try {
    child.on("error", () => undefined);
    child.stdin.on("error", () => undefined);
    child.stdin.end(names.map((name) => `${name}\n`).join(""));
    const bytes = new Bytes(child.stdout);
    for (const name of names) {
      // `NAME TYPE SIZE`, or `NAME missing`; then the content and a newline.
      const size = Number((await bytes.line())?.split(" ")[2]);
      if (!Number.isInteger(size)) {
        throw new FaultsError([
          { where: "git", what: `lacks the object ${name}`, repair: "git fetch --all, git fsck" },
        ]);
      }
      const content = await bytes.take(size + 1);
      yield size > LONGEST_BYTES ? undefined : content.subarray(0, size).toString("utf8");
    }
  } finally {
    child.kill();
  }
}

/** Reads a stream by lines and by lengths. */
class Bytes {
  readonly #source: AsyncIterator<Buffer>;
  #held = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string | undefined> {
    for (let end = this.#held.indexOf(10); ; end = this.#held.indexOf(10)) {
      if (end !== -1) {
        return (await this.take(end + 1)).subarray(0, end).toString("utf8");
      }
      if (!(await this.#more())) {
        return undefined;
      }
    }
  }

  async take(length: number): Promise<Buffer> {
    while (this.#held.length < length && (await this.#more())) {
      // until it is there
    }
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    this.#held = next.done === true ? this.#held : Buffer.concat([this.#held, next.value]);
    return next.done !== true;
  }
}
