/** Proves, with the real git, that every content that a file ever had in a clone is seen, and how the steps hang together. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { filesOfHead, readObjects, readSteps } from "../../../core/observe/history.js";
import { run } from "../../../core/process.js";
import { faultsOfAsync } from "../../support/faults.js";
import { temporaryFolder } from "../../support/folder.js";
import { put } from "../../support/sopsFiles.js";

const FILE = "secrets/a.sops.yaml";
const NAMED = ["-c", "user.name=Test", "-c", "user.email=test@example.test", "-c", "commit.gpgsign=false"];

describe("the history of files", () => {
  const folder = temporaryFolder();
  let root: string;

  async function git(...args: readonly string[]): Promise<string> {
    const { code, stdout } = await run("git", [...NAMED, ...args], { cwd: root });
    assert.equal(code, 0, `git ${args.join(" ")}`);
    return stdout.trim();
  }

  async function commit(text: string | undefined, path = FILE): Promise<void> {
    await (text === undefined ? rm(join(root, path)) : put(root, path, text));
    await git("add", "--all");
    await git("commit", "--quiet", "--message", "x");
  }

  let count = 0;
  beforeEach(async () => {
    count += 1;
    root = join(folder(), `repository ${count}`);
    await put(root, "other.txt", "not a source");
    await git("init", "--quiet", "--initial-branch=main");
    await commit("one");
  });

  /** Each step with the contents in the place of their names, oldest first. */
  async function steps(): Promise<[string, string | undefined, string | undefined][]> {
    const found = (await readSteps(root, "*.sops.yaml")).reverse();
    const text = async (name: string | undefined) =>
      name === undefined ? undefined : (await collect(readObjects(root, [name])))[0];
    return Promise.all(
      found.map(async ({ path, from, to }) => [path, await text(from), await text(to)] as const),
    ) as never;
  }

  async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
    const all: T[] = [];
    for await (const one of source) {
      all.push(one);
    }
    return all;
  }

  it("has a step for each change, removal and return", async () => {
    await commit("two");
    await commit(undefined);
    await commit("three");
    assert.deepEqual(await steps(), [
      [FILE, undefined, "one"],
      [FILE, "one", "two"],
      [FILE, "two", undefined],
      [FILE, undefined, "three"],
    ]);
    const [first] = await readSteps(root, "*.sops.yaml");
    assert.match(first?.at ?? "", /^\d{4}-\d\d-\d\dT/);
    assert.equal(first?.commit, await git("rev-parse", "HEAD"));
  });

  it("has what a merge threw away, what was never merged, and what lies in the stash", async () => {
    await git("switch", "--quiet", "--create", "discarded");
    await commit("thrown away");
    await git("switch", "--quiet", "main");
    await commit("else", "else.txt");
    await git("merge", "--quiet", "--strategy=ours", "discarded", "--message", "x");
    await git("switch", "--quiet", "--create", "open");
    await commit("never merged");
    await git("switch", "--quiet", "main");
    await put(root, FILE, "stashed");
    await git("stash", "--quiet");
    const contents = new Set((await steps()).flatMap(([, from, to]) => [from, to]));
    for (const text of ["thrown away", "never merged", "stashed"]) {
      assert.ok(contents.has(text), text);
    }
  });

  it("sees commits that no branch has, when HEAD is there", async () => {
    await git("checkout", "--quiet", "--detach");
    await commit("detached");
    assert.equal((await steps()).at(-1)?.[2], "detached");
  });

  it("takes paths as they are, and below the folder that it is asked about", async () => {
    const odd = 'secrets/größe "x"\t.sops.yaml';
    await commit("odd", odd);
    assert.deepEqual((await steps()).at(-1), [odd, undefined, "odd"]);
    await commit("below", "inner/secrets/b.sops.yaml");
    const inner = (await readSteps(join(root, "inner"), "*.sops.yaml")).map(({ path }) => path);
    assert.deepEqual(inner, ["secrets/b.sops.yaml"]);
    assert.deepEqual([...(await filesOfHead(join(root, "inner"), "secrets")).keys()], ["secrets/b.sops.yaml"]);
    assert.deepEqual([...(await filesOfHead(root, "secrets")).keys()].sort(), [FILE, odd].sort());
  });

  it("reads objects whole, empty and large ones too, and leaves out what is too large for a source", async () => {
    const texts = ["", "no newline", "\n\n", `größe ${"x".repeat(200_000)}`, "y".repeat(4 * 1024 * 1024 + 1), "last"];
    const names: string[] = [];
    for (const text of texts) {
      await put(root, "blob", text);
      names.push(await git("hash-object", "-w", "blob"));
    }
    assert.deepEqual(await collect(readObjects(root, names)), [...texts.slice(0, 4), undefined, "last"]);
    assert.deepEqual(await collect(readObjects(root, [])), []);
  });

  it("says when an object is missing, when history is cut off and when there is none", async () => {
    const missing = "1".repeat(40);
    const [fault] = await faultsOfAsync(collect(readObjects(root, [missing])));
    assert.equal(fault, `git: lacks the object ${missing}. Repair: git fetch --all, git fsck`);
    await commit("two");
    const shallow = join(folder(), `shallow ${count}`);
    await git("clone", "--quiet", "--depth=1", `file://${root}`, shallow);
    const [cut] = await faultsOfAsync(readSteps(shallow, "*.sops.yaml"));
    assert.match(cut ?? "", /the clone is shallow.*Repair: git fetch --unshallow$/);
    root = join(folder(), `empty ${count}`);
    await put(root, "x", "");
    await git("init", "--quiet");
    const [none] = await faultsOfAsync(readSteps(root, "*.sops.yaml"));
    assert.match(none ?? "", /this is not a checkout with a commit/);
  });
});
