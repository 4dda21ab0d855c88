/**
 * Vercel's Git integration seen by the real engine: for each way in which it can be wrong the preview is red with the exact
 * repair, and green again after it; `p24 status`, which has no engine, says the same. GitHub and Vercel are emulated.
 */
import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { commit, inWorktree, p24, type Preview, preview, rotate, up } from "../../../sandbox/world/engine.js";
import { APP, OWNER } from "../../../sandbox/world/github.js";
import { VERCEL } from "../../../sandbox/world/vercel.js";
import { useWorld } from "../../support/world.js";

const REPOSITORY = `${OWNER}/${VERCEL.repository}`;
const PAGE = `https://vercel.com/${VERCEL.team}/${VERCEL.project}/settings/git`;
const REVOKE = "then revoke it: https://vercel.com/account/settings/tokens";
const WITHOUT = "note: what it is connected to is seen with a vercel_token in secrets/stack.sops.yaml";

/** What a preview says of Vercel: its lines, and the errors below the component. */
function said(planned: Preview): { lines: string[]; errors: string[] } {
  const lines = planned.report.split("\n").filter((text) => text.startsWith("vercel"));
  const errors = planned.diagnostics.filter(({ severity }) => severity === "error");
  return {
    lines: lines.map((line) => line.replace(/ +/g, " ")),
    errors: errors.map(({ message }) => message.trim().replace(/^error: /, "")),
  };
}

interface Case {
  readonly spoil: () => unknown;
  readonly repair: () => unknown;
  /** Of the project's line and of the line about stored tokens, which of them it spoils. */
  readonly line: string;
  readonly error: string;
}

describe("Vercel's Git integration", () => {
  const world = useWorld({ repositories: ["p24-infra", VERCEL.repository] });
  const PROJECT = `vercel:${VERCEL.project}`;
  const TOKENS_GREEN = "vercel-tokens in sync (present) 2 in sync";
  const TOKENS_RED = "vercel-tokens differs, blocked (present) 1 in sync, 1 differs";
  let green = `${PROJECT} in sync (present) 1 in sync`;
  let credential = "";

  const workflows = () => join(world().paths.work, ".github/workflows");

  async function redThenGreen({ spoil, repair, line, error }: Case): Promise<void> {
    await spoil();
    try {
      const planned = await preview(world());
      assert.notEqual(planned.code, 0, planned.stdout);
      const lines = line.startsWith("vercel-tokens") ? [line, green] : [TOKENS_GREEN, line];
      assert.deepEqual(said(planned), { lines, errors: [error] });
      const status = await p24(world(), "status");
      assert.equal(status.code, 5, status.stdout + status.stderr);
      assert.ok(status.stdout.includes(`    ! ${error}\n`), status.stdout);
    } finally {
      await repair();
    }
    const after = await preview(world());
    assert.deepEqual([after.code, said(after)], [0, { lines: [TOKENS_GREEN, green], errors: [] }], after.stdout);
  }

  before(async function () {
    this.timeout(300_000);
    // The clone's .github is the checkout's own, through a link; the tests write into one of the clone's.
    await rm(join(world().paths.work, ".github"), { recursive: false, force: true });
    await mkdir(workflows(), { recursive: true });
    await commit(world(), "test: without the checkout's own .github");
    const done = await up(world());
    assert.equal(done.code, 0, done.stdout + done.stderr);
  });

  const withoutToken: readonly [string, Case][] = [
    [
      "no deployment by the integration",
      {
        spoil: () => {
          world().github.clearDeployments(OWNER, VERCEL.repository);
          world().github.addDeployment(OWNER, VERCEL.repository, { creator: "github-actions[bot]" });
        },
        repair: () => world().github.addDeployment(OWNER, VERCEL.repository),
        line: `${PROJECT} differs, blocked (present) 1 differs`,
        error: `Vercel project ${VERCEL.project}: no deployment of ${REPOSITORY} at GitHub comes from Vercel's Git integration (vercel[bot]); 1 were looked at. Repair: at ${PAGE} connect ${REPOSITORY}, then push a commit`,
      },
    ],
    [
      "deployments that the App may not list",
      {
        spoil: () => {
          const others = Object.fromEntries(Object.entries(APP.permissions).filter(([name]) => name !== "deployments"));
          world().github.changeInstallation(world().installation, { permissions: others });
          // The App itself is not what this test is about: it does not ask for it either.
          world().github.changeApp(APP.slug, others);
          return inWorktree(world(), "pulumi", [
            "config",
            "rm",
            "--path",
            "p24-infra:github.app.permissions.deployments",
          ]);
        },
        repair: async () => {
          world().github.changeApp(APP.slug, APP.permissions);
          world().github.changeInstallation(world().installation, { permissions: APP.permissions });
          const path = "p24-infra:github.app.permissions.deployments";
          await inWorktree(world(), "pulumi", ["config", "set", "--path", path, "read"]);
        },
        line: `${PROJECT} differs, blocked (present) 1 differs`,
        error: `GitHub ${REPOSITORY}: the token may not list the repository's deployments, which show who deploys it (403). Repair: give the App the permission Deployments: Read-only, and list deployments: read in github.app.permissions`,
      },
    ],
    [
      "VERCEL_TOKEN among a repository's secrets",
      {
        spoil: () => world().github.addSecret(OWNER, "p24-infra", "VERCEL_TOKEN", "set by hand"),
        repair: () => world().github.deleteSecret(OWNER, "p24-infra", "VERCEL_TOKEN"),
        line: TOKENS_RED,
        error: `GitHub ${OWNER}/p24-infra: VERCEL_TOKEN: a Vercel token is among the Actions secrets (repository). Repair: gh secret delete VERCEL_TOKEN --repo ${OWNER}/p24-infra, ${REVOKE}`,
      },
    ],
    [
      "VERCEL_TOKEN among the organization's secrets",
      {
        spoil: () => world().github.addSecretElsewhere(OWNER, VERCEL.repository, "organization", "VERCEL_TOKEN"),
        repair: () => world().github.deleteSecretElsewhere(OWNER, VERCEL.repository, "organization", "VERCEL_TOKEN"),
        line: TOKENS_RED,
        error: `GitHub ${REPOSITORY}: VERCEL_TOKEN: a Vercel token is among the Actions secrets (organization). Repair: gh secret delete VERCEL_TOKEN --org ${OWNER}, ${REVOKE}`,
      },
    ],
    [
      "VERCEL_TOKEN in a workflow of this checkout",
      {
        spoil: () =>
          writeFile(
            join(workflows(), "deploy.yml"),
            "# VERCEL_TOKEN is not needed\r\non: push\r\njobs:\r\n  a:\r\n    env:\r\n      T: ${{ secrets['VERCEL_TOKEN'] }}\r\n",
          ),
        repair: () => rm(join(workflows(), "deploy.yml")),
        line: TOKENS_RED,
        error: `${OWNER}/p24-infra .github/workflows/deploy.yml:6: VERCEL_TOKEN: a workflow uses a Vercel token. Repair: remove the step: the Git integration deploys every push`,
      },
    ],
    [
      "VERCEL_TOKEN in a workflow of another repository",
      {
        spoil: () => {
          const text =
            "on: push\njobs:\n  a:\n    steps:\n      - run: vercel deploy --token ${{ secrets.VERCEL_TOKEN }}\n";
          world().github.setWorkflow(OWNER, VERCEL.repository, "deploy.yaml", text);
        },
        repair: () => world().github.setWorkflow(OWNER, VERCEL.repository, "deploy.yaml"),
        line: TOKENS_RED,
        error: `${REPOSITORY} .github/workflows/deploy.yaml:5: VERCEL_TOKEN: a workflow uses a Vercel token. Repair: remove the step: the Git integration deploys every push`,
      },
    ],
  ];
  for (const [title, one] of withoutToken) {
    it(`without a Vercel token: ${title} is red, and green after the repair`, () => redThenGreen(one));
  }

  it("without a Vercel token says what it cannot see, and asks Vercel nothing", async () => {
    const planned = await preview(world());
    assert.ok(planned.report.includes(WITHOUT), planned.report);
    const unseen = `note: the environment secrets of ${REPOSITORY} could not be looked at with this token`;
    assert.ok(planned.report.includes(unseen), planned.report);
    assert.deepEqual(world().vercel.requests, []);
  });

  describe("with a Vercel token in git", () => {
    before(async function () {
      this.timeout(300_000);
      credential = world().vercel.issueToken();
      await rotate(world(), "stack", "vercel_token", credential);
      green = `${PROJECT} in sync (verified) 4 in sync`;
    });
    const verified = `${PROJECT} differs, blocked (verified) 3 in sync, 1 differs`;

    const cases: readonly [string, Case][] = [
      [
        "a project connected to another repository",
        {
          spoil: () => world().vercel.connect(VERCEL.project, `${OWNER}/p24-infra`),
          repair: () => world().vercel.connect(VERCEL.project, REPOSITORY),
          line: verified,
          error: `Vercel project ${VERCEL.project}: is connected to ${OWNER}/p24-infra (github) and not to ${REPOSITORY}. Repair: at ${PAGE} disconnect it and connect ${REPOSITORY}, or correct vercel.projects.${VERCEL.project}.repository in Pulumi.sandbox.yaml`,
        },
      ],
      [
        "a project connected to no repository",
        {
          spoil: () => world().vercel.connect(VERCEL.project, undefined),
          repair: () => world().vercel.connect(VERCEL.project, REPOSITORY),
          line: verified,
          error: `Vercel project ${VERCEL.project}: is connected to no Git repository. Repair: at ${PAGE} connect ${REPOSITORY}`,
        },
      ],
      [
        "deployments that Vercel does not tell GitHub",
        {
          spoil: () => world().vercel.setCreateDeployments(VERCEL.project, "disabled"),
          repair: () => world().vercel.setCreateDeployments(VERCEL.project, "enabled"),
          line: verified,
          error: `Vercel project ${VERCEL.project}: makes no deployments at GitHub (its createDeployments is disabled), so nothing there shows who deploys it. Repair: at ${PAGE} switch on deployment_status Events`,
        },
      ],
      [
        "a token that Vercel does not accept any more",
        {
          spoil: () => world().vercel.setRevoked(credential, true),
          repair: () => world().vercel.setRevoked(credential, false),
          line: verified,
          error: `Vercel project ${VERCEL.project}: Vercel does not accept the token for it (403). Repair: renew vercel_token: https://vercel.com/account/settings/tokens, then sops edit secrets/stack.sops.yaml`,
        },
      ],
    ];
    for (const [title, one] of cases) {
      it(`${title} is red, and green after the repair`, () => redThenGreen(one));
    }

    it("a deploy hook is red, and green after the repair; its address is nowhere to be seen", async () => {
      let address = "";
      await redThenGreen({
        spoil: () => {
          address = world().vercel.addHook(VERCEL.project, "nightly");
        },
        repair: () => world().vercel.deleteHooks(VERCEL.project),
        line: verified,
        error: `Vercel project ${VERCEL.project}: has deploy hooks (nightly): who knows the address of one deploys without any token. Repair: at ${PAGE} delete each under Deploy Hooks`,
      });
      const state = await inWorktree(world(), "pulumi", ["stack", "export", "--show-secrets"]);
      assert.ok(address !== "" && !state.stdout.includes(address) && !state.stdout.includes(credential));
    });

    it("is asked of Vercel with one request a project, and the engine's children are not given the token", async () => {
      world().vercel.clearRequests();
      await preview(world());
      const asked = world().vercel.requests.map(({ method, path, query, status }) => [method, path, query, status]);
      assert.deepEqual(asked, [["GET", `/v9/projects/${VERCEL.project}`, `slug=${VERCEL.team}`, 200]]);
      const shown = await p24(
        world(),
        "exec",
        "--",
        process.execPath,
        "-e",
        "console.log(Object.values(process.env).join())",
      );
      assert.ok(!shown.stdout.includes(credential));
      assert.deepEqual([world().vercel.unhandled, world().github.unhandled, world().fence.refused], [[], [], []]);
    });
  });
});
