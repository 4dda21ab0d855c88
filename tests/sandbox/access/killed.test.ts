/**
 * Proves that an onboard and an offboard which are killed at everything that they do go on with the next run: before and after
 * each call of sops and git and each file that is put in its place, by SIGKILL. At the end there is one commit of each, nothing
 * half-written, and no value in clear in any file that was left behind.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { LOG_FILE, parseLog } from "../../../core/rotation/log.mjs";
import { filesBelow } from "../../../sandbox/sweep/places.js";
import { inWorktree } from "../../../sandbox/world/engine.js";
import { makeIdentity } from "../../../sandbox/world/identities.js";
import { leftBeside } from "../../support/bootstrap.js";
import { leaked } from "../../support/canary.js";
import { type KillPoints, layKillPoints } from "../../support/killPoints.js";
import { useWorld } from "../../support/world.js";

const MOST_RUNS = 40;

describe("onboard and offboard that are killed at every step", () => {
  const world = useWorld();
  const git = async (...args: string[]) => (await inWorktree(world(), "git", args)).stdout.trim();

  /** Runs it until it is not killed any more; tells at what it was. */
  async function untilDone(name: string, args: readonly string[]): Promise<string[]> {
    const folder = join(world().paths.dir, `points-${name}`);
    const temporary = join(world().paths.dir, "tmp");
    await mkdir(temporary, { recursive: true });
    const which = (tool: string) =>
      execFileSync("sh", ["-c", `command -v ${tool}`], { env: world().env, encoding: "utf8" }).trim();
    const originals = Object.fromEntries(["git", "sops"].map((tool) => [tool, which(tool)]));
    const points: KillPoints = await layKillPoints(folder, originals, world().env["PATH"] ?? "");
    const env = { ...points.env, TMPDIR: temporary };
    for (let runs = 0; runs < MOST_RUNS; runs += 1) {
      const { code, stdout, stderr } = await inWorktree(world(), process.execPath, ["cli/p24.mjs", ...args], { env });
      if (code !== -1) {
        assert.equal(code, 0, stdout + stderr);
        return (await points.killed()).sort();
      }
    }
    return assert.fail(`still being killed: ${(await points.killed()).join(", ")}`);
  }

  const twice = (...points: string[]) => points.flatMap((point) => [`${point} after`, `${point} before`]);
  const BOTH = twice(
    "git_add",
    "git_commit",
    "rename__sops_yaml",
    "rename_other_sops_yaml",
    "rename_stack_sops_yaml",
    "sops_updatekeys",
  );

  it("onboard goes on each time, to one commit", async function () {
    this.timeout(600_000);
    const recipient = await makeIdentity(join(world().paths.dir, "made"), "anna");
    assert.deepEqual(await untilDone("onboard", ["onboard", "dev_anna", recipient]), BOTH.sort());
    assert.equal(
      await git("log", "--format=%s", "-2"),
      "chore(secrets): onboard dev_anna\nfeat(secrets): the sandbox's sources",
    );
  });

  it("offboard goes on each time, to one commit and one row a value", async function () {
    this.timeout(600_000);
    const expected = [...BOTH, ...twice("sops_rotate", "rename_secrets_rotation_log_md")].sort();
    assert.deepEqual(await untilDone("offboard", ["offboard", "dev_anna", "--yes"]), expected);
    assert.equal(
      await git("log", "--format=%s", "-2"),
      "chore(secrets): offboard dev_anna\nchore(secrets): onboard dev_anna",
    );
    const rows = parseLog(readFileSync(join(world().paths.work, LOG_FILE), "utf8")).filter(
      ({ reason }) => reason === "offboard dev_anna",
    );
    const values = Object.values(world().secrets).flatMap((source) => Object.keys(source));
    assert.equal(rows.length, values.length);
    assert.equal(new Set(rows.map(({ secret }) => secret)).size, rows.length);
    const env = { SOPS_AGE_KEY_FILE: join(world().paths.dir, "made/anna.txt") };
    for (const source of Object.keys(world().secrets)) {
      assert.equal((await inWorktree(world(), "sops", ["decrypt", `secrets/${source}.sops.yaml`], { env })).code, 128);
    }
  });

  it("leave nothing half-written, and no value in clear", async () => {
    assert.equal(await git("status", "--porcelain"), "");
    assert.deepEqual(
      leftBeside(world().paths.work).filter((name) => !name.startsWith("node_modules")),
      [],
    );
    const values = Object.values(world().secrets).flatMap((source) =>
      Object.values(source).filter((value) => value.length > 8),
    );
    let files = 0;
    for (const folder of [join(world().paths.dir, "tmp"), join(world().paths.work, "secrets"), world().paths.home]) {
      for (const { where, content } of filesBelow("sandbox", folder, world().paths.dir)) {
        files += 1;
        assert.deepEqual(leaked(content.toString("utf8"), values), [], where);
      }
    }
    assert.ok(files > 5, "killed runs left copies of ciphertext, and they were searched");
  });
});
