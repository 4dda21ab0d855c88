/**
 * Proves the acceptance criterion of the spec in a real clone of this repository: with the hook installed,
 * `git commit -m x -- secrets/test.sops.yaml` is rejected while the file is plain. Proof limit: Linux; that Git for Windows
 * starts the hooks by their first line is read from its documentation, not run.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { HOOKS, hookState } from "../../../guard/install.js";
import { temporaryFolder } from "../../support/folder.js";

const ROOT = join(__dirname, "../../..");
const FILE = "secrets/test.sops.yaml";

describe("the hooks in a clone", () => {
  const folder = temporaryFolder();
  let clone: string;
  let env: NodeJS.ProcessEnv;

  function run(command: string, ...args: string[]): { code: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: clone, env, encoding: "utf8" });
    return { code: status, said: stdout + stderr };
  }
  const git = (...args: string[]) => run("git", ...args);
  const p24 = (...args: string[]) => run(process.execPath, "cli/p24.mjs", ...args);

  before(function () {
    this.timeout(60_000);
    const home = join(folder(), "home");
    mkdirSync(home);
    clone = join(folder(), "clone");
    env = {
      PATH: process.env["PATH"],
      HOME: home,
      GIT_CONFIG_NOSYSTEM: "1",
      ...Object.fromEntries(
        ["AUTHOR", "COMMITTER"].flatMap((who) => [
          [`GIT_${who}_NAME`, "Ada"],
          [`GIT_${who}_EMAIL`, "a@b.example"],
        ]),
      ),
    };
    assert.equal(spawnSync("git", ["clone", "--quiet", "--no-hardlinks", ROOT, clone], { env }).status, 0);
    symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));
  });

  it("are not there in a fresh clone, and say so", async () => {
    assert.equal((await hookState(clone)).state, "absent");
  });

  it("are refused while others are active, and named", async () => {
    writeFileSync(join(clone, ".git/hooks/pre-commit"), "#!/bin/sh\n", { mode: 0o755 });
    const { code, said } = p24("hook", "install");
    assert.equal(code, 3);
    assert.match(said, /other hooks are active here: .*pre-commit.*--replace/);
    assert.equal((await hookState(clone)).state, "others");
    spawnSync("rm", [join(clone, ".git/hooks/pre-commit")]);
    git("config", "core.hooksPath", ".husky");
    assert.match(p24("hook", "install").said, /core\.hooksPath is \.husky/);
    assert.equal(p24("hook", "install", "--replace").code, 0);
  });

  it("are installed once, with their executable bits", async () => {
    git("config", "--unset", "core.hooksPath");
    assert.match(p24("hook", "install").said, /pre-commit, pre-merge-commit, pre-push/);
    assert.match(p24("hook", "install").said, /installed already/);
    assert.equal((await hookState(clone)).state, "installed");
    const modes = git("ls-files", "--stage", HOOKS).said.trim().split("\n");
    assert.equal(modes.length, 3);
    assert.ok(
      modes.every((line) => line.startsWith("100755 ")),
      modes.join("\n"),
    );
  });

  it("reject git commit -m x -- secrets/test.sops.yaml with a plain file", () => {
    const before = git("rev-parse", "HEAD").said;
    writeFileSync(join(clone, FILE), "smtp_password: a plain value\n");
    git("add", FILE);
    const { code, said } = git("commit", "-m", "x", "--", FILE);
    assert.equal(code, 1);
    assert.match(
      said,
      /secrets\/test\.sops\.yaml:1: source-not-encrypted: is not encrypted\. Repair: sops encrypt --in-place secrets\/test\.sops\.yaml/,
    );
    assert.doesNotMatch(said, /a plain value/);
    assert.equal(git("rev-parse", "HEAD").said, before);
  });

  it("reject it from a folder below, too", () => {
    const { status } = spawnSync("git", ["commit", "-m", "x", "--", "test.sops.yaml"], {
      cwd: join(clone, "secrets"),
      env,
    });
    assert.equal(status, 1);
  });
});
