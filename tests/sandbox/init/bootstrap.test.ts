/**
 * Proves the bootstrap from a copy of the project to the first green `up`, by flags alone, with the real engine and sops; GitHub
 * is emulated, the hosts are the sandbox's, and the admin's ssh is a stand-in that leaves what host/install would leave.
 */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { inWorktree } from "../../../sandbox/world/engine.js";
import { useBareWorld } from "../../support/bareWorld.js";
import { asLines, FLAGS, leftBeside, p24, stepsOf, templateValues } from "../../support/bootstrap.js";
import { leaked } from "../../support/canary.js";

const SENT = ["shared", "github-actions", "vps-i1", "vps-h1"];

describe("the bootstrap", () => {
  const world = useBareWorld();
  const values = templateValues();
  const canaries = values.map(({ value }) => value);

  it("shows what it would do, and changes nothing", async () => {
    const before = await readdir(world().paths.work);
    const { code, stdout } = await p24(world(), ["init", "--dry-run", "--json"]);
    assert.equal(code, 0);
    const states = stepsOf({ stdout });
    const toDo = Object.keys(states).filter((step) => states[step] === "to do");
    assert.deepEqual(toDo, ["repository", "developer", "runner"]);
    assert.deepEqual([states["tools"], states["commit"], states["first up"]], ["done", "waits", "waits"]);
    assert.deepEqual(await readdir(world().paths.work), before);
    assert.deepEqual(await readdir(world().paths.home), [".gitconfig"]);
  });

  it("does not begin without a terminal to ask on, or --yes", async () => {
    const { code, stderr } = await p24(world(), ["init"]);
    assert.equal(code, 3);
    assert.match(
      stderr,
      /^init: there is no terminal to ask on; nothing was changed\. Repair: --yes does what can be done, /m,
    );
  });

  it("does all that flags can say in one run, and names what is left", async function () {
    this.timeout(120_000);
    const { code, stdout, stderr } = await p24(world(), ["init", "--json", ...FLAGS], asLines(values));
    assert.equal(code, 5, stdout + stderr);
    const open = Object.entries(stepsOf({ stdout })).filter(([, state]) => state !== "done");
    assert.deepEqual(Object.fromEntries(open), {
      "GitHub secrets": "human",
      "1Password": "yours",
      "first up": "needs",
    });
    assert.deepEqual(leaked(stdout + stderr, canaries), []);
    assert.deepEqual(leftBeside(join(world().paths.work, "secrets")), []);
    for (const name of [...SENT, "stack"]) {
      assert.doesNotMatch(
        await readFile(join(world().paths.work, `secrets/${name}.sops.yaml`), "utf8"),
        /PLACEHOLDER|TEMPLATE/,
      );
    }
    const log = await inWorktree(world(), "git", ["log", "--format=%s"]);
    assert.equal(log.stdout, "feat(secrets): bootstrap of the sources\n");
  });

  it("then is green: up takes every place over, and nothing is left but what a person does", async function () {
    this.timeout(120_000);
    const up = await p24(world(), ["pulumi", "--", "up", "--yes", "--skip-preview", "--non-interactive"]);
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.match(up.stdout, /\nEvery place is equal to git at [0-9a-f]{12}\.\n$/);
    assert.deepEqual(leaked(up.stdout + up.stderr, canaries), []);
    const check = await p24(world(), ["init", "--check", "--json"]);
    assert.deepEqual([check.code, stepsOf(check)["first up"], stepsOf(check)["GitHub secrets"]], [5, "done", "human"]);
  });

  it("sees what a person has done", async () => {
    for (const name of ["AGE_KEY_GHA", "P24_BOT_APP_ID", "P24_BOT_PRIVATE_KEY"]) {
      world().github.setSecret("radieu", "p24-infra", name, "set by hand");
    }
    const { code, stdout } = await p24(world(), ["init", "--check"]);
    assert.equal(code, 0, stdout);
  });

  it("changes nothing when it is run again", async () => {
    const state = () => inWorktree(world(), "git", ["status", "--porcelain"]);
    const { code, stdout } = await p24(world(), ["init", "--json", ...FLAGS], asLines(values));
    assert.equal(code, 0, stdout);
    assert.deepEqual(
      (JSON.parse(stdout) as { steps: { acted: boolean }[] }).steps.filter(({ acted }) => acted),
      [],
    );
    assert.equal((await state()).stdout, "");
  });
});
