/**
 * Runs the job `preview` of .github/workflows/secrets-preview.yml: its very scripts, in order, in fresh clones of the base branch,
 * for pull requests whose branches stand at an emulated github.com, with the real engine, sops and git. What it does not prove:
 * that GitHub starts the job for the base branch, which is what pull_request_target means, and what it gives to forks.
 */
import assert from "node:assert/strict";
import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { commit, inWorktree, rotate } from "../../../sandbox/world/engine.js";
import { OWNER } from "../../../sandbox/world/github.js";
import { canary, leaked } from "../../support/canary.js";
import { useOriginWorld } from "../../support/originWorld.js";
import { numbered, teamWith } from "../../support/program.js";
import { type JobResult, runJob } from "../../support/workflowRun.js";

const REPOSITORY = "p24-infra";

describe("the preview of a pull request", function () {
  this.timeout(300_000);
  const { world, env, push } = useOriginWorld({ secrets: teamWith(numbered(2)) });
  const value = canary();
  const git = async (...args: string[]) => {
    const { code, stdout, stderr } = await inWorktree(world(), "git", args);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  /** A branch with a change, pushed; gives its pull request. */
  const propose = async (branch: string, change: () => Promise<void>) => {
    await git("checkout", "--quiet", "-B", branch, "main");
    await change();
    const sha = await git("rev-parse", "HEAD");
    await push(`+${branch}`);
    await git("checkout", "--quiet", "main");
    const { number } = world().github.addPull(OWNER, REPOSITORY, "somebody", branch, {
      head: branch,
      base: "main",
      sha,
    });
    return { number, sha };
  };
  const run = (pull: { number: number; sha: string }, from = `${OWNER}/${REPOSITORY}`): Promise<JobResult> =>
    runJob(world(), "secrets-preview", "preview", {
      event: "pull_request_target",
      env: env(),
      payload: {
        pull_request: { number: pull.number, head: { sha: pull.sha, repo: { full_name: from } } },
      },
    });
  const commentsBelow = (number: number) =>
    world()
      .github.issuesOf(OWNER, REPOSITORY)
      .find((one) => one.number === number)?.comments ?? [];

  before(async () => {
    const done = await runJob(world(), "secrets-sync", "sync", { event: "push", env: env() });
    assert.equal(done.conclusion, "success", done.output);
  });

  it("comments once what merging it would change, masked, and runs no code of it", async () => {
    const pull = await propose("rotation", async () => {
      await rotate(world(), "shared", "smtp_password", value);
      // The clone's program is links to this checkout: taken away, never written through.
      await Promise.all(["index.ts", ".npmrc"].map((name) => rm(join(world().paths.work, name))));
      await writeFile(join(world().paths.work, "index.ts"), 'console.log("code of the pull request ran");\n');
      await writeFile(join(world().paths.work, ".npmrc"), "script-shell=/bin/false\n");
      await commit(world(), "feat: another program");
    });
    world().github.addComment(OWNER, REPOSITORY, pull.number, "somebody", "<!-- p24:preview -->\nlooks good");
    const done = await run(pull);
    assert.equal(done.conclusion, "success", done.output);
    assert.doesNotMatch(done.output, /code of the pull request ran/);
    const [theirs, ours, ...more] = commentsBelow(pull.number);
    assert.equal(theirs?.body, "<!-- p24:preview -->\nlooks good");
    assert.deepEqual([ours?.by, more], ["p24-infra-bot[bot]", []]);
    for (const job of ["sync-vps-i1", "sync-vps-h1"]) {
      assert.match(
        ours?.body ?? "",
        new RegExp(`^\\| ${job} \\| ❌ differs \\| verified \\| \\d+ \\| SMTP_PASSWORD differs \\|$`, "m"),
      );
    }
    assert.match(ours?.body ?? "", /^ {4}SMTP_PASSWORD {2}differs +git [0-9a-f]{8} \/ there [0-9a-f]{8} {2}/m);
    assert.match(ours?.body ?? "", /- \d changed files are no sources or settings: they are not previewed here\./);
    assert.deepEqual(leaked(done.output + done.summary + (ours?.body ?? ""), [value]), []);
  });

  it("changes its comment when the pull request changes, and writes nothing at any place", async () => {
    const pull = await propose("again", () => rotate(world(), "shared", "smtp_password", canary()));
    await run(pull);
    const first = commentsBelow(pull.number)[0]?.body ?? "";
    await git("checkout", "--quiet", "again");
    await rotate(world(), "vps-i1", "loki_tenant_secret", canary());
    await push("+again");
    const sha = await git("rev-parse", "HEAD");
    await git("checkout", "--quiet", "main");
    await run({ ...pull, sha });
    const comments = commentsBelow(pull.number);
    assert.equal(comments.length, 1);
    assert.doesNotMatch(first, /LOKI_TENANT_SECRET/);
    assert.match(comments[0]?.body ?? "", /LOKI_TENANT_SECRET +differs/);
    assert.doesNotMatch(world().hosts.get("vps-i1")?.readEnv() ?? "", /^SMTP_PASSWORD=cny/m);
  });

  it("refuses a link in place of a source, and reads nothing behind it", async () => {
    const pull = await propose("link", async () => {
      const file = join(world().paths.work, "secrets/vps-i1.sops.yaml");
      await rm(file);
      await symlink("/proc/self/environ", file);
      await commit(world(), "feat: a link");
    });
    const done = await run(pull);
    assert.equal(done.conclusion, "failure");
    const [comment] = commentsBelow(pull.number);
    assert.match(comment?.body ?? "", /^### This cannot be merged as it is$/m);
    assert.match(comment?.body ?? "", /secrets\/vps-i1\.sops\.yaml: is no plain file/);
  });

  it("refuses another backend, and what main has changed as well", async () => {
    const backend = await propose("backend", async () => {
      const file = join(world().paths.work, "Pulumi.sandbox.yaml");
      await writeFile(file, "config:\n  p24-infra:backend: s3://elsewhere\n");
      await commit(world(), "feat: another backend");
    });
    const both = await propose("both", () => rotate(world(), "shared", "smtp_password", canary()));
    await rotate(world(), "shared", "smtp_user", canary());
    await push("main");
    for (const [pull, words] of [
      [backend, /Pulumi\.sandbox\.yaml: changes more than places/],
      [both, /secrets\/shared\.sops\.yaml: was changed on the base branch as well/],
    ] as const) {
      assert.equal((await run(pull)).conclusion, "failure");
      assert.match(commentsBelow(pull.number)[0]?.body ?? "", words);
    }
  });

  it("comments at its own repository what is wrong with the settings, also when they name another one", async () => {
    const pull = await propose("home", async () => {
      const file = join(world().paths.work, "Pulumi.sandbox.yaml");
      const text = await readFile(file, "utf8");
      const moved = text.replaceAll("p24-infra\n", "elsewhere\n").replace(/"p24-infra"(?!:)/g, '"elsewhere"');
      assert.notEqual(moved, text);
      await writeFile(file, moved.replace("p24-infra:hosts", "p24-infra:vercel"));
      await commit(world(), "feat: another home");
    });
    assert.equal((await run(pull)).conclusion, "failure");
    const [comment] = commentsBelow(pull.number);
    assert.match(comment?.body ?? "", /^### This cannot be merged as it is\n\n- Pulumi\.sandbox\.yaml: /m);
  });

  it("answers no question about a value that is there", async () => {
    const pull = await propose("form", async () => {
      const file = join(world().paths.work, "inventory.yaml");
      await writeFile(file, "secrets:\n  smtp_password: { form: 'a.*' }\n");
      await commit(world(), "feat: a form");
    });
    assert.equal((await run(pull)).conclusion, "failure");
    const [comment] = commentsBelow(pull.number);
    assert.match(
      comment?.body ?? "",
      /inventory\.yaml: smtp_password\.form: is changed for a value that is there already/,
    );
    assert.doesNotMatch(comment?.body ?? "", /does not have the form/);
  });

  it("does not run for a fork", async () => {
    const pull = await propose("fork", () => rotate(world(), "shared", "smtp_password", canary()));
    assert.equal((await run(pull, "stranger/p24-infra")).conclusion, "skipped");
    assert.deepEqual(commentsBelow(pull.number), []);
  });
});
