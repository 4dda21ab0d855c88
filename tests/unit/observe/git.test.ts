/** Proves, with the real git in a temporary folder, what `up` is told of the checkout that it runs from. */
import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { type Checkout, observeCheckout } from "../../../core/observe/git.js";
import { run } from "../../../core/process.js";
import { temporaryFolder } from "../../support/folder.js";

const GIT_ENV = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
const WHO = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-c", "init.defaultBranch=main"];

async function git(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout } = await run("git", [...WHO, ...args], { cwd, env: GIT_ENV });
  assert.equal(code, 0, `git ${args.join(" ")}`);
  return stdout.trim();
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function commit(root: string, title: string): Promise<string> {
  await git(root, "add", "--all");
  await git(root, "commit", "--quiet", "--allow-empty", "-m", title);
  return git(root, "rev-parse", "HEAD");
}

describe("observing a checkout", () => {
  const folder = temporaryFolder();
  let count = 0;

  /** A repository with one commit of three files. */
  async function repository(): Promise<{ root: string; head: string }> {
    count += 1;
    const root = join(folder(), `r${String(count)}`);
    mkdirSync(root);
    await git(root, "init", "--quiet");
    write(root, "index.ts", "program");
    write(root, "secrets/shared.sops.yaml", "sealed");
    write(root, ".gitignore", "ignored/\n");
    return { root, head: await commit(root, "one") };
  }

  const changes: readonly [string, (root: string) => unknown, string[]][] = [
    ["nothing", () => undefined, []],
    [
      "a changed file",
      (root) => {
        write(root, "index.ts", "other");
      },
      ["index.ts"],
    ],
    [
      "a changed source, staged and changed again",
      async (root) => {
        write(root, "secrets/shared.sops.yaml", "other");
        await git(root, "add", "--all");
        write(root, "secrets/shared.sops.yaml", "third");
      },
      ["secrets/shared.sops.yaml"],
    ],
    [
      "a file gone",
      (root) => {
        rmSync(join(root, "index.ts"));
      },
      ["index.ts"],
    ],
    ["a file renamed", (root) => git(root, "mv", "index.ts", "secrets/x.ts"), ["secrets/x.ts"]],
    [
      "a file renamed, and only its new name announced",
      async (root) => {
        renameSync(join(root, "index.ts"), join(root, "main.ts"));
        await git(root, "add", "--intent-to-add", "main.ts");
      },
      ["main.ts"],
    ],
    [
      "a new file, staged",
      async (root) => {
        write(root, "new.ts", "x");
        await git(root, "add", "new.ts");
      },
      ["new.ts"],
    ],
    [
      "a new source that nobody added",
      (root) => {
        write(root, "secrets/vps-x1.sops.yaml", "sealed");
        write(root, "secrets/more/a.yaml", "sealed");
      },
      ["secrets/more/", "secrets/vps-x1.sops.yaml"],
    ],
    [
      "notes, ignored files and installed packages",
      (root) => {
        write(root, "notes.txt", "x");
        write(root, "ignored/a", "x");
        write(root, "node_modules/a/index.js", "x");
      },
      [],
    ],
    [
      "odd names",
      async (root) => {
        write(root, "a b ü\n'\".ts", "x");
        await git(root, "add", "--all");
      },
      ["a b ü\n'\".ts"],
    ],
  ];
  for (const [title, change, dirty] of changes) {
    it(`with ${title}: ${dirty.length === 0 ? "clean" : "dirty"}`, async () => {
      const { root, head } = await repository();
      await change(root);
      const expected: Checkout = { head, dirty, shallow: false, converged: "none" };
      assert.deepEqual(await observeCheckout(root, undefined), expected);
    });
  }

  it("takes no lock, so that it never disturbs a commit", async () => {
    const { root } = await repository();
    write(root, ".git/index.lock", "");
    assert.deepEqual((await observeCheckout(root, undefined)).dirty, []);
  });

  it("tells how the last converged commit stands to it", async () => {
    const { root, head: first } = await repository();
    const second = await commit(root, "two");
    const stands = async (converged: string) => (await observeCheckout(root, converged)).converged;
    assert.equal(await stands(first), "contained");
    assert.equal(await stands(second), "contained");
    await git(root, "checkout", "--quiet", "--detach", first);
    assert.equal(await stands(second), "not contained");
    await git(root, "checkout", "--quiet", "--orphan", "rewritten");
    await commit(root, "other history");
    assert.equal(await stands(second), "not contained");
    assert.equal(await stands("0123456789012345678901234567890123456789"), "unknown");
    assert.equal(await stands("no commit at all"), "unknown");
  });

  it("after a rewritten history does not know the commit of the former one", async () => {
    const { root } = await repository();
    const former = await commit(root, "two");
    const clone = join(folder(), "after");
    await git(root, "reset", "--quiet", "--hard", "HEAD~1");
    await commit(root, "two, rewritten");
    await git(folder(), "clone", "--quiet", `file://${root}`, clone);
    assert.equal((await observeCheckout(clone, former)).converged, "unknown");
  });

  it("in a shallow clone says that history is cut off", async () => {
    const { root, head: first } = await repository();
    const second = await commit(root, "two");
    const clone = join(folder(), "shallow");
    await git(folder(), "clone", "--quiet", "--depth", "1", `file://${root}`, clone);
    const checkout = await observeCheckout(clone, first);
    assert.deepEqual(checkout, { head: second, dirty: [], shallow: true, converged: "unknown" });
  });

  it("before its first commit, and outside of any repository, has no head", async () => {
    const empty = join(folder(), "empty");
    mkdirSync(empty);
    assert.equal((await observeCheckout(empty, undefined)).head, undefined);
    await git(empty, "init", "--quiet");
    assert.equal((await observeCheckout(empty, "0123456789012345678901234567890123456789")).head, undefined);
  });
});
