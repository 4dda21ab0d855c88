/**
 * Proves rules about this repository's own workflows by reading them: what is pinned, who may do what, where a secret stands.
 * Whether they are workflows at all is actionlint's to say (tests/sandbox/workflows/own.test.ts).
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { VERBS } from "../../../cli/verbs/all.js";
import { readWorkflow, type Step, type Workflow } from "../../support/workflowRun.js";

const ROOT = join(__dirname, "../../..");
const FOLDER = join(ROOT, ".github/workflows");
const OURS = ["secrets-preview", "secrets-sync", "secrets-drift"];
const scripts = (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> })
  .scripts;

const stepsOf = (workflow: Workflow): Step[] => Object.values(workflow.jobs).flatMap(({ steps }) => steps);

for (const name of OURS) {
  describe(`${name}.yml`, () => {
    const text = readFileSync(join(FOLDER, `${name}.yml`), "utf8");
    let workflow: Workflow;
    before(async () => {
      workflow = await readWorkflow(name);
    });

    it("pins every action by its commit, with the version behind it", () => {
      const uses = text.split("\n").filter((line) => line.includes("uses:"));
      assert.ok(uses.length > 3);
      for (const line of uses) {
        assert.match(line, /uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      }
    });

    it("gives the job's own token nothing but reading, and its workflow nothing at all", () => {
      assert.deepEqual(workflow.permissions, {});
      for (const job of Object.values(workflow.jobs)) {
        assert.deepEqual(job.permissions, { contents: "read" });
      }
    });

    it("has a step for each npm script or verb, and no more in it", () => {
      for (const { run } of stepsOf(workflow)) {
        if (run === undefined || run === "npm ci --ignore-scripts") {
          continue;
        }
        const [, script = "", verb = ""] =
          /^npm run ([a-z0-9]+)(?: -- ([^\n;|&`$]*(?:"\$[A-Z]+"[^\n;|&`$]*)*))?$/.exec(run) ?? [];
        assert.ok(Object.hasOwn(scripts, script), run);
        assert.ok(script !== "p24" || VERBS.some((one) => verb === one.name || verb.startsWith(`${one.name} `)), run);
      }
    });

    it("has no expression in a script, and a secret only in the environment of one step or an action's input", () => {
      for (const step of stepsOf(workflow)) {
        assert.doesNotMatch(step.run ?? "", /\$\{\{/);
        const elsewhere = JSON.stringify({ ...step, env: undefined, with: undefined });
        assert.doesNotMatch(elsewhere, /secrets\.|outputs\.token/);
      }
      for (const job of Object.values(workflow.jobs)) {
        assert.equal(job.env, undefined);
      }
      assert.doesNotMatch(JSON.stringify({ ...workflow, jobs: undefined }), /secrets\./);
    });

    it("fetches the whole history and leaves no credential in the clone", () => {
      const checkouts = stepsOf(workflow).filter(({ uses }) => uses?.startsWith("actions/checkout@") === true);
      assert.ok(checkouts.length > 0);
      for (const { with: given } of checkouts) {
        assert.deepEqual(given, { "fetch-depth": 0, "persist-credentials": false });
      }
    });

    it("asks for exactly the permissions that the settings give the App, most of them to read", () => {
      const { config } = parse(readFileSync(join(ROOT, "Pulumi.prod.yaml"), "utf8")) as {
        config: Record<string, { owner: string; repositories: string[]; app: { permissions: Record<string, string> } }>;
      };
      const github = config["p24-infra:github"];
      // Every App reads metadata, asked for or not.
      const named = Object.keys(github?.app.permissions ?? {}).filter((one) => one !== "metadata");
      const tokens = stepsOf(workflow).filter(({ uses }) => uses?.includes("create-github-app-token") === true);
      assert.ok(tokens.length > 0);
      for (const { with: given = {} } of tokens) {
        const asked = Object.keys(given).flatMap(
          (key) => /^permission-(.+)$/.exec(key)?.[1]?.replaceAll("-", "_") ?? [],
        );
        assert.deepEqual(asked.sort(), named.sort());
        assert.equal(given["owner"], github?.owner);
        assert.equal(given["repositories"], github?.repositories.join(","));
        const writes = asked.filter((one) => given[`permission-${one.replaceAll("_", "-")}`] === "write");
        assert.ok(!(writes.includes("secrets") && writes.length > 1), "who writes secrets writes nothing else");
      }
    });
  });
}

describe("the workflows together", () => {
  it("have one writer at a time, which is never stopped", async () => {
    const [sync, drift] = await Promise.all([readWorkflow("secrets-sync"), readWorkflow("secrets-drift")]);
    assert.deepEqual(sync.concurrency, { group: "secrets-apply", "cancel-in-progress": false });
    assert.deepEqual(drift.concurrency, sync.concurrency);
  });

  it("give a pull request's own code no secret, and the identity to the base branch's code only", async () => {
    const { jobs } = await readWorkflow("secrets-preview");
    const { checks, preview } = jobs;
    assert.equal(checks?.if, "${{ github.event_name == 'pull_request' }}");
    assert.doesNotMatch(JSON.stringify(checks), /secrets\.|outputs\.token/);
    assert.match(
      preview?.if ?? "",
      /event_name == 'pull_request_target' && .*head\.repo\.full_name == github\.repository/,
    );
    const refs = (preview?.steps ?? []).map(({ with: given }) => given?.["ref"] ?? given?.["repository"]);
    assert.deepEqual(
      refs.filter((ref) => ref !== undefined),
      [],
    );
    const writes = JSON.stringify(preview).match(/"permission-[a-z-]+":"write"/g) ?? [];
    assert.deepEqual([...writes].sort(), ['"permission-issues":"write"', '"permission-pull-requests":"write"']);
  });

  it("run up as it has to be run unattended", async () => {
    const up = stepsOf(await readWorkflow("secrets-sync")).find(({ id }) => id === "up")?.run ?? "";
    for (const option of ["--yes", "--continue-on-error", "--skip-preview", "--non-interactive"]) {
      assert.ok(up.includes(` ${option}`), option);
    }
  });

  it("are all looked at here", () => {
    const files = readdirSync(FOLDER).filter((file) => file.startsWith("secrets-"));
    assert.deepEqual(files.sort(), OURS.map((name) => `${name}.yml`).sort());
  });
});
