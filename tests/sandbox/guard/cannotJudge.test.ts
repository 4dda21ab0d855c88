/**
 * Proves that a hook refuses what it could not judge, and comes to its end: git dies under it, or its own rules cannot be
 * loaded. Run as git runs it, but for another `git` in PATH, which git itself would put behind its own.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { temporaryFolder } from "../../support/folder.js";
import { HOOKS, Repository } from "../../support/guardRepository.js";

describe("a hook that cannot judge", () => {
  const folder = temporaryFolder();
  let repo: Repository;
  before(() => {
    repo = new Repository(join(folder(), "repository"));
    repo.commitUnseen("first");
    repo.write(".env", "A=1\n");
    repo.must("add", "--all");
  });

  /** Runs the hook; `git` stands in front of the real one. */
  function run(hooks: string, git: string) {
    const bin = join(folder(), "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "git"), git, { mode: 0o755 });
    const PATH = [bin, repo.env["PATH"]].join(delimiter);
    const options = { cwd: repo.root, env: { ...repo.env, PATH }, encoding: "utf8", timeout: 60_000 } as const;
    const { status, stderr } = spawnSync(process.execPath, [join(hooks, "pre-commit")], options);
    return [status, stderr.replace(/ at \S+ \([^)]*\)/, "")];
  }

  /** A git that ends at one of its commands, and is the real one for all others. */
  const without = (command: string, ending: string) =>
    `#!/bin/sh\ncase " $* " in *" ${command} "*) ${ending} ;; esac\nPATH=\${PATH#*:} exec git "$@"\n`;
  const refusal = (why: string) =>
    `guard: the commit could not be judged (${why}), so it is refused. Repair: git status; npm ci; then try again\n`;

  it("judges with the git of this test", () => {
    const [code, said] = run(HOOKS, without("no-such", "exit 1"));
    assert.equal(code, 1);
    assert.match(String(said), /^\.env: env-file: /m);
  });

  for (const ending of ["exit 1", "exit 0", "kill -9 $$"]) {
    it(`refuses when git's contents end early: ${ending}`, () => {
      const why = "git cat-file did not answer to its end";
      assert.deepEqual(run(HOOKS, without("cat-file", ending)), [1, refusal(why)]);
    });
  }

  it("refuses when git lists nothing", () => {
    assert.deepEqual(run(HOOKS, without("diff", "exit 1")), [1, refusal("git diff failed")]);
  });

  it("refuses when its own rules cannot be loaded, as in a merge with conflicts", () => {
    const checkout = join(HOOKS, "../..");
    const copy = join(folder(), "checkout");
    for (const part of ["guard", "scripts/git-hooks"]) {
      mkdirSync(dirname(join(copy, part)), { recursive: true });
      cpSync(join(checkout, part), join(copy, part), { recursive: true });
    }
    appendFileSync(join(copy, "guard/judge.mjs"), "<<<<<<< HEAD\n");
    const real = without("no-such", "exit 1");
    assert.deepEqual(run(join(copy, "scripts/git-hooks"), real), [1, refusal("SyntaxError")]);
  });
});
