/**
 * Runs .github/workflows/secrets-drift.yml: its very scripts, in order, in fresh clones of origin, with the environment that each
 * step names, against emulated GitHub, git over HTTP, Discord and hosts, with the real engine. What it does not prove: GitHub's
 * own actions and runners, and its schedule.
 */
import assert from "node:assert/strict";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { commit } from "../../../sandbox/world/engine.js";
import { useOriginWorld } from "../../support/originWorld.js";
import { numbered, teamWith } from "../../support/program.js";
import { type JobResult, runJob } from "../../support/workflowRun.js";

const LOG = "docs/secrets-rotation-log.md";

describe("the nightly workflow", function () {
  this.timeout(300_000);

  const { world, env, push, comments, issues, messages, host } = useOriginWorld({ secrets: teamWith(numbered(2)) });
  const run = async (workflow: "secrets-sync" | "secrets-drift"): Promise<JobResult> => {
    const [name, event] = workflow === "secrets-sync" ? ["sync", "push"] : ["drift", "schedule"];
    return runJob(world(), workflow, name, { event, env: env() });
  };
  const open = () => issues().filter(({ state, isPull }) => state === "open" && !isPull);
  before(async () => {
    assert.equal((await run("secrets-sync")).conclusion, "success");
  });

  it("a quiet night writes nothing", async () => {
    const [commented, opened] = [comments().length, issues().length];
    const done = await run("secrets-drift");
    assert.equal(done.conclusion, "success", done.output);
    assert.deepEqual(
      done.steps.filter(({ text }) => text.includes("catch-up")).map(({ outcome }) => outcome),
      ["skipped"],
    );
    assert.deepEqual([comments().length, issues().length, messages().length], [commented, opened, 0]);
  });

  it("what somebody changed by hand is told once and not overwritten", async () => {
    host("vps-i1").writeEnv((host("vps-i1").readEnv() ?? "").replace(/^SMTP_HOST=.*$/m, "SMTP_HOST=by-hand"));
    for (const round of [1, 2]) {
      const done = await run("secrets-drift");
      assert.equal(done.conclusion, "failure");
      assert.match(done.output, /No run left anything behind; changed at the place: host:vps-i1\./);
      assert.deepEqual(
        open().map(({ title }) => title),
        ["SecretsDrift: host:vps-i1"],
      );
      assert.equal(messages().length, 1, String(round));
      assert.match(messages()[0]?.text ?? "", /host:vps-i1: SMTP_HOST differs$/m);
      assert.match(host("vps-i1").readEnv() ?? "", /^SMTP_HOST=by-hand$/m);
    }
  });

  it("an overdue rotation joins the same issue and is told alone", async () => {
    const file = join(world().paths.work, LOG);
    const row = "| 2026-01-02 | waha_api_key | scheduled | radieu | yes, 2026-01-02T08:00:00Z |";
    await writeFile(file, `${(await readFile(file, "utf8")).trimEnd()}\n${row}\n`);
    await commit(world(), "test: long ago");
    await push("main");
    assert.equal((await run("secrets-drift")).conclusion, "failure");
    assert.equal(open().length, 1);
    assert.equal(open()[0]?.title, "SecretsDrift, RotationOverdue: host:vps-i1, waha_api_key");
    assert.equal(messages().length, 2);
    assert.equal(messages()[1]?.title, "p24 RotationOverdue: waha_api_key");
    assert.match(messages()[1]?.text ?? "", /changed 2026-01-02, every 90 days/);
  });

  it("a sync overwrites the change by hand; what it cannot repair stays open and is not told again", async () => {
    const done = await run("secrets-sync");
    assert.equal(done.conclusion, "success", done.output);
    assert.doesNotMatch(host("vps-i1").readEnv() ?? "", /by-hand/);
    assert.equal(open()[0]?.title, "RotationOverdue: waha_api_key");
    assert.equal(messages().length, 2);
  });

  it("a host without its identity is AgeKeyMissing", async () => {
    const file = join(host("vps-h1").root, "root/.age/secrets.key");
    await rename(file, `${file}.safe`);
    assert.equal((await run("secrets-drift")).conclusion, "failure");
    assert.match(open()[0]?.title ?? "", /^AgeKeyMissing, .*host:vps-h1/);
    assert.match(messages()[2]?.text ?? "", /#agekeymissing/);
    await rename(`${file}.safe`, file);
  });

  it("when Discord does not answer, the next run alerts", async () => {
    const fault = world().discord.inject({ path: "**", status: 503, times: 1 });
    await host("vps-h1").down();
    const before = messages().length;
    const done = await run("secrets-drift");
    assert.equal(fault.hits, 1);
    assert.match(done.output, /Discord did not take the alert; the next run tries again/);
    assert.equal(messages().length, before);
    await run("secrets-drift");
    assert.equal(messages().length, before + 1);
    await host("vps-h1").up();
  });
});
