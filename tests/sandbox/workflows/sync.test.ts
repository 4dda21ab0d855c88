/**
 * Runs .github/workflows/secrets-sync.yml, and secrets-drift.yml after it: their very scripts, in order, in fresh clones of origin, with
 * the environment that each step names, against emulated GitHub, git over HTTP, Discord and hosts, with the real engine. What it
 * does not prove: GitHub's own actions, its runners, and that its API takes what the emulated one takes.
 */
import assert from "node:assert/strict";

import { commit, inWorktree, p24 } from "../../../sandbox/world/engine.js";
import { leaked } from "../../support/canary.js";
import { useOriginWorld } from "../../support/originWorld.js";
import { numbered, teamWith } from "../../support/program.js";
import { type JobResult, runJob } from "../../support/workflowRun.js";

const LOG = "docs/secrets-rotation-log.md";

describe("the workflows of the sync", function () {
  this.timeout(300_000);
  const secrets = teamWith(numbered(2));
  const { world, origin, env, push, comments, issues, messages, host } = useOriginWorld({ secrets });
  const printed: string[] = [];

  const run = async (workflow: "secrets-sync" | "secrets-drift"): Promise<JobResult> => {
    const [name, event] = workflow === "secrets-sync" ? ["sync", "push"] : ["drift", "schedule"];
    const result = await runJob(world(), workflow, name, { event, env: env() });
    printed.push(result.output, result.summary, ...result.artifacts.values());
    return result;
  };
  const outcomes = ({ steps }: JobResult) =>
    steps.filter(({ text }) => text.startsWith("npm run")).map(({ text, outcome }) => `${outcome} ${text}`);
  const headOf = async (revision: string) =>
    (await inWorktree(world(), "git", ["rev-parse", revision], { cwd: origin.folder })).stdout.trim();
  const logAt = async (revision: string) =>
    (await inWorktree(world(), "git", ["show", `${revision}:${LOG}`], { cwd: origin.folder })).stdout;
  /** The operator rotates with the verb, which writes the pending row, and pushes. */
  const rotateAndPush = async (...words: string[]) => {
    const { code, stderr } = await p24(world(), "rotate", ...words, "--generate", "password", "--procedure-done");
    assert.equal(code, 0, stderr);
    await push("main");
  };
  const pull = async () => {
    const reset = await inWorktree(world(), "git", ["pull", "--quiet", "--rebase", origin.folder, "main"]);
    assert.equal(reset.code, 0, reset.stderr);
  };

  it("make a first push converge, and comment at its commit with the spec's rows", async () => {
    const done = await run("secrets-sync");
    assert.equal(done.conclusion, "success", done.output);
    assert.deepEqual(outcomes(done), [
      "success npm run setup -- --no-npm",
      "success npm run up -- --yes --continue-on-error --skip-preview --non-interactive",
      "success npm run p24 -- confirm --push main",
      'success npm run p24 -- announce sync --up "$UP"',
      "success npm run p24 -- report --html status.html",
    ]);
    const [comment, ...others] = comments();
    assert.equal(others.length, 0);
    assert.deepEqual([comment?.by, comment?.commit], ["p24-infra-bot[bot]", await headOf("main")]);
    for (const job of ["sync-vps-h1", "sync-vps-i1", "sync-github-secrets"]) {
      assert.match(comment?.body ?? "", new RegExp(`^\\| ${job} \\| ✅ in sync \\|`, "m"));
    }
    assert.ok(done.summary.includes("### Secrets are in sync"));
    assert.match(done.artifacts.get("status") ?? "", /^<!doctype html>[^]*smtp_password/i);
    assert.deepEqual([issues(), messages()], [[], []]);
  });

  it("take a rotation from its commit to every place, close its row at origin, and say how long it took", async () => {
    await rotateAndPush("smtp_password");
    const before = await headOf("main");
    const done = await run("secrets-sync");
    assert.equal(done.conclusion, "success", done.output);
    assert.match(await logAt("main"), /\| smtp_password +\|[^|]*\|[^|]*\| yes, \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/);
    const comment = comments().find(({ commit: at }) => at === before);
    assert.match(comment?.body ?? "", /- `smtp_password` in sync everywhere: yes, \d{4}-\d\d-\d\dT/);
    const author = await inWorktree(world(), "git", ["log", "-1", "--format=%an %s", "main"], { cwd: origin.folder });
    assert.equal(author.stdout.trim(), "p24-infra-bot[bot] docs(secrets): confirm smtp_password in sync");
    const took = /Every place was seen equal to git (\d+) s after the commit [0-9a-f]{12}\./.exec(done.output);
    assert.ok(took !== null, done.output);
    const own = done.steps.map(({ text, elapsedMs }) => `${text.slice(0, 40)} ${(elapsedMs / 1000).toFixed(1)} s`);
    process.stdout.write(`      from the commit to verified at every place: ${took[1] ?? ""} s\n`);
    process.stdout.write(own.map((line) => `        ${line}\n`).join(""));
    await pull();
  });

  it("close rows although somebody pushes in the same moment", async () => {
    await rotateAndPush("loki_tenant_secret");
    let pushes = 0;
    origin.beforePush = async () => {
      pushes += 1;
      origin.beforePush = undefined;
      await commit(world(), "docs: somebody else's commit");
      const direct = await inWorktree(world(), "git", ["push", "--quiet", origin.folder, "main"]);
      assert.equal(direct.code, 0, direct.stderr);
    };
    const done = await run("secrets-sync");
    assert.equal(done.conclusion, "success", done.output);
    assert.equal(pushes, 1);
    const subjects = await inWorktree(world(), "git", ["log", "-2", "--format=%s", "main"], { cwd: origin.folder });
    assert.deepEqual(subjects.stdout.trim().split("\n"), [
      "docs(secrets): confirm loki_tenant_secret in sync",
      "docs: somebody else's commit",
    ]);
    await pull();
  });

  it("propose the rows in one pull request where the branch takes no push", async () => {
    await rotateAndPush("smtp_password");
    await origin.protect(true);
    for (const round of ["first", "second"]) {
      const done = await run("secrets-sync");
      assert.equal(done.conclusion, "success", done.output);
      const pulls = issues().filter(({ isPull }) => isPull);
      assert.deepEqual(
        pulls.map(({ title, by }) => [title, by]),
        [["docs(secrets): confirm smtp_password in sync", "p24-infra-bot[bot]"]],
        round,
      );
    }
    assert.doesNotMatch(
      (await logAt("main")).split("\n").findLast((line) => line.includes("smtp_password")) ?? "",
      /yes,/,
    );
    assert.match(
      (await logAt("p24/rotation-log")).split("\n").findLast((line) => line.includes("smtp_password")) ?? "",
      /yes,/,
    );
    await origin.protect(false);
    const merged = await inWorktree(world(), "git", ["push", "--quiet", ".", "p24/rotation-log:main"], {
      cwd: origin.folder,
    });
    assert.equal(merged.code, 0, merged.stderr);
    await pull();
  });

  describe("with a sabotaged host", () => {
    const open = () => issues().filter(({ state, isPull }) => state === "open" && !isPull);
    let red = "";

    before(async () => {
      world().discord.messages.length = 0;
      await rotateAndPush("waha_api_key");
      red = await headOf("main");
      await host("vps-h1").down();
    });

    it("the sync is red with exactly one alert, one comment and one issue that name the host", async () => {
      const done = await run("secrets-sync");
      assert.equal(done.conclusion, "failure");
      const at = comments().filter(({ commit: sha }) => sha === red);
      assert.equal(at.length, 1);
      assert.match(at[0]?.body ?? "", /^### Secrets are NOT in sync: host:vps-h1$/m);
      assert.match(at[0]?.body ?? "", /^\| sync-vps-h1 \| ❌ unreachable \|.*cannot be reached/m);
      assert.match(at[0]?.body ?? "", /^\| sync-vps-i1 \| ✅ in sync \|/m);
      assert.equal(messages().length, 1);
      assert.match(
        messages()[0]?.text ?? "",
        /SecretsSyncFailed\]\(.*#secretssyncfailed\)\*\* host:vps-h1: cannot be reached/,
      );
      assert.match(messages()[0]?.text ?? "", /HostUnreachable\]\(.*#hostunreachable\)/);
      assert.equal(messages()[0]?.url, "https://github.com/radieu/p24-infra/actions/runs/7");
      assert.equal(open().length, 1);
      assert.equal(open()[0]?.title, "HostUnreachable, SecretsSyncFailed: host:vps-h1");
      assert.match(
        (await logAt("main")).split("\n").findLast((line) => line.includes("waha_api_key")) ?? "",
        /PENDING/,
      );
    });

    it("a second run, and a nightly one, repeat neither alert, comment nor issue", async () => {
      for (const workflow of ["secrets-sync", "secrets-drift"] as const) {
        assert.equal((await run(workflow)).conclusion, "failure");
        assert.equal(comments().filter(({ commit: sha }) => sha === red).length, 1, workflow);
        assert.deepEqual([messages().length, open().length], [1, 1], workflow);
      }
    });

    it("repaired, the nightly run catches up with what was left behind, and closes issue and alert", async () => {
      await host("vps-h1").up();
      const done = await run("secrets-drift");
      assert.equal(done.conclusion, "success", done.output);
      assert.equal(open().length, 0);
      assert.deepEqual([messages().length, messages()[0]?.title, messages()[0]?.edits], [1, "p24 Resolved", 1]);
      assert.match((await logAt("main")).split("\n").findLast((line) => line.includes("waha_api_key")) ?? "", /yes,/);
      await pull();
    });

    it("repaired after another failure, the next run of the sync closes it as well", async () => {
      await rotateAndPush("smtp_password");
      await host("vps-i1").down();
      assert.equal((await run("secrets-sync")).conclusion, "failure");
      assert.deepEqual([open().length, messages().length], [1, 2]);
      await host("vps-i1").up();
      const done = await run("secrets-sync");
      assert.equal(done.conclusion, "success", done.output);
      assert.deepEqual([open().length, messages().length, messages()[1]?.title], [0, 2, "p24 Resolved"]);
      await pull();
    });
  });

  it("print, comment, open and tell no value", () => {
    const all = [
      ...printed,
      ...comments().map(({ body }) => body),
      ...issues().map(({ title, body }) => title + body),
      ...messages().map(({ title, text }) => title + text),
    ].join("\n");
    const values = Object.values(world().secrets).flatMap((source) => Object.values(source as Record<string, string>));
    assert.deepEqual(
      leaked(
        all,
        values.filter((value) => value.length > 11),
      ),
      [],
    );
    assert.ok(!all.includes(world().discord.webhook.slice(-30)));
  });
});
