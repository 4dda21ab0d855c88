/**
 * Proves that an onboard, an offboard and a rekey which are killed at everything that they do go on with the next run: before and after
 * each call of sops and git and each file that is put in its place, by SIGKILL. At the end there is one commit of each, nothing
 * half-written, and no value in clear in any file that was left behind.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
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

describe("onboard, offboard and rekey that are killed at every step", () => {
  const world = useWorld();
  const git = async (...args: string[]) => (await inWorktree(world(), "git", args)).stdout.trim();

  const isCopies = (name: string) => name.startsWith("p24-access-");
  /** Files that killed runs left in the temporary folder, each searched for values in clear. */
  let copies = 0;

  /** Gives the names of the files that were searched, from the folder. */
  function searchFor(folder: string): string[] {
    const values = Object.values(world().secrets).flatMap((source) =>
      Object.values(source).filter((value) => value.length > 8),
    );
    const files = [...filesBelow("sandbox", folder, folder)];
    for (const { where, content } of files) {
      assert.deepEqual(leaked(content.toString("utf8"), values), [], where);
    }
    return files.map(({ where }) => where);
  }

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
      copies += searchFor(temporary).filter(isCopies).length;
      if (code !== -1) {
        assert.equal(code, 0, stdout + stderr);
        assert.deepEqual((await readdir(temporary)).filter(isCopies), [], "the next run clears what killed ones left");
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

  it("rekey goes on each time, to one commit and one row a value", async function () {
    this.timeout(600_000);
    const recipient = await makeIdentity(join(world().paths.dir, "made"), "host");
    const expected = [
      ...BOTH.filter((point) => !point.includes("stack")),
      ...twice("sops_rotate", "rename_secrets_rotation_log_md"),
    ].sort();
    assert.deepEqual(await untilDone("rekey", ["rekey", "vps_h1", recipient]), expected);
    assert.equal(
      await git("log", "--format=%s", "-2"),
      "chore(secrets): rekey vps_h1\nchore(secrets): offboard dev_anna",
    );
    const rows = parseLog(readFileSync(join(world().paths.work, LOG_FILE), "utf8")).filter(
      ({ reason }) => reason === "rekey vps_h1",
    );
    const values = Object.keys({ ...world().secrets.shared, ...world().secrets["vps-h1"] });
    assert.equal(rows.length, values.length);
    assert.equal(new Set(rows.map(({ secret }) => secret)).size, rows.length);
    const opens = async (path: string) =>
      (await inWorktree(world(), "sops", ["decrypt", "secrets/vps-h1.sops.yaml"], { env: { SOPS_AGE_KEY_FILE: path } }))
        .code;
    const former = join(world().hosts.get("vps-h1")?.root ?? "", "root/.age/secrets.key");
    assert.deepEqual([await opens(former), await opens(join(world().paths.dir, "made/host.txt"))], [128, 0]);
  });

  it("leave nothing half-written, and no value in clear", async () => {
    assert.equal(await git("status", "--porcelain"), "");
    assert.deepEqual(
      leftBeside(world().paths.work).filter((name) => !name.startsWith("node_modules")),
      [],
    );
    const present = [join(world().paths.work, "secrets"), world().paths.home].map(searchFor);
    assert.ok((present[0]?.length ?? 0) > 5);
    assert.ok(copies > 5, "killed runs left copies of ciphertext, and they were searched");
  });
});
