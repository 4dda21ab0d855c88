/**
 * The GitHub App seen by the real engine: for each way in which it can be wrong the preview is red with the exact repair, and
 * green again after it. GitHub is emulated; which token sees what there follows GitHub's documentation.
 */
import assert from "node:assert/strict";

import { type Preview, preview, rotate, up } from "../../../sandbox/world/engine.js";
import { APP, OWNER } from "../../../sandbox/world/github.js";
import { useWorld } from "../../support/world.js";

const ACCEPT = "at https://github.com/settings/installations choose p24-infra-bot";
const PERMISSIONS = "https://github.com/settings/apps/p24-infra-bot/permissions";
const STEP =
  "in the workflow give it ${{ steps.app-token.outputs.token }} of a step that uses actions/create-github-app-token";

/** What a preview says of the App: its line, and the errors below it. */
function said(planned: Preview): { line: string; errors: string[] } {
  const line = planned.report.split("\n").find((text) => text.startsWith("githubApp:")) ?? "";
  const errors = planned.diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => message.trim().replace(/^error: /, ""));
  return { line: line.replace(/ +/g, " "), errors };
}

/** The App's permissions but for one. */
function without(permission: keyof typeof APP.permissions) {
  return Object.fromEntries(Object.entries(APP.permissions).filter(([name]) => name !== permission));
}

/** The line that has no fault of its own and the number of things that were compared. */
const GREEN = "githubApp:p24-infra-bot in sync (verified) 9 in sync";

describe("the GitHub App", () => {
  // Without Vercel, which would have its own to say of a repository that the App does not see.
  const world = useWorld({ repositories: ["p24-infra", "et-operational-platform"], settings: { vercel: undefined } });
  const look = (env: Readonly<Record<string, string>> = {}) =>
    preview({ ...world(), env: { ...world().env, CI: "", ...env } });
  const red = async (env: Readonly<Record<string, string>>, line: string, error: string) => {
    const planned = await look(env);
    assert.notEqual(planned.code, 0, planned.stdout);
    assert.deepEqual(said(planned), { line: `githubApp:p24-infra-bot ${line}`, errors: [error] });
  };

  before(async function () {
    this.timeout(300_000);
    const done = await up(world());
    assert.equal(done.code, 0, done.stdout + done.stderr);
  });

  const ONE_WRONG = "differs, blocked (verified) 8 in sync, 1 differs";
  const cases: readonly [string, { spoil: () => void; repair: () => void; line: string; error: string }][] = [
    [
      "not installed on one repository",
      {
        spoil: () => world().github.changeInstallation(world().installation, { repositories: ["p24-infra"] }),
        repair: () => world().github.changeInstallation(world().installation, { repositories: "all" }),
        line: ONE_WRONG,
        error: `GitHub App p24-infra-bot: is not installed on ${OWNER}/et-operational-platform. Repair: ${ACCEPT}, Configure, Repository access, and add ${OWNER}/et-operational-platform`,
      },
    ],
    [
      "without one permission",
      {
        spoil: () => world().github.changeApp(APP.slug, { ...APP.permissions, issues: "read" }),
        repair: () => {
          world().github.changeApp(APP.slug, APP.permissions);
          world().github.changeInstallation(world().installation, { permissions: APP.permissions });
        },
        line: ONE_WRONG,
        error: `GitHub App p24-infra-bot: lacks the permission Issues: Read and write (it has: Read-only). Repair: at ${PERMISSIONS} set Issues to "Read and write" and save, then accept the request at https://github.com/settings/installations`,
      },
    ],
    [
      "with a permission that its installation has not accepted",
      {
        spoil: () => {
          const accepted = without("actions");
          world().github.changeInstallation(world().installation, { permissions: accepted });
        },
        repair: () => world().github.changeInstallation(world().installation, { permissions: APP.permissions }),
        line: "differs, blocked (verified) 9 in sync, 1 differs",
        error: `GitHub App p24-infra-bot: asks for the permission Actions and is refused it in ${OWNER}/et-operational-platform, ${OWNER}/p24-infra: its installation has not accepted it. Repair: ${ACCEPT}, Review request, Accept new permissions`,
      },
    ],
    [
      "with one permission too many",
      {
        spoil: () => world().github.changeApp(APP.slug, { ...APP.permissions, administration: "write" }),
        repair: () => world().github.changeApp(APP.slug, APP.permissions),
        line: "differs, blocked (verified) 9 in sync, 1 differs",
        error: `GitHub App p24-infra-bot: has the permission Administration: Read and write, which the settings do not list. Repair: at ${PERMISSIONS} set Administration to "No access" and save, or list administration: write in github.app.permissions`,
      },
    ],
  ];
  for (const [title, { spoil, repair, line, error }] of cases) {
    it(`${title} is red, and green after the repair`, async () => {
      spoil();
      await red({}, line, error);
      repair();
      const planned = await look();
      assert.deepEqual([planned.code, said(planned)], [0, { line: GREEN, errors: [] }], planned.stdout);
    });
  }

  it("is red with the workflow's own token in CI, which starts as the App's does, and green with the App's", async () => {
    const { value } = world().github.issueWorkflow(OWNER, "p24-infra");
    assert.match(value, /^ghs_/);
    await red(
      { CI: "true", GITHUB_TOKEN: value },
      "unreachable (unreachable)",
      `GITHUB_TOKEN: is the workflow's own token (github-actions[bot]) and not p24-infra-bot's, which alone reaches every repository and its secrets. Repair: ${STEP}`,
    );
    const planned = await look({ CI: "true" });
    assert.deepEqual([planned.code, said(planned)], [0, { line: GREEN, errors: [] }], planned.stdout);
  });

  it("is red with a personal token in CI; at an operator's it will do, and the line says what it cannot tell", async () => {
    const own = { GITHUB_TOKEN: world().github.issueClassic(OWNER).value };
    await red(
      { CI: "true", ...own },
      "unreachable (unreachable)",
      `GITHUB_TOKEN: is a personal token (${OWNER}) and not p24-infra-bot's. Repair: ${STEP}, then revoke the personal one: https://github.com/settings/tokens`,
    );
    const planned = await look(own);
    const line = "githubApp:p24-infra-bot in sync (present) 7 in sync";
    assert.deepEqual([planned.code, said(planned)], [0, { line, errors: [] }], planned.stdout);
  });

  it("that is wrong stops no secret: up writes all others, and ends red", async () => {
    world().github.changeApp(APP.slug, { ...APP.permissions, administration: "write" });
    await rotate(world(), "github-actions", "snyk_credential", "a new one");
    const done = await up(world());
    assert.equal(done.code, 5, done.stdout);
    assert.match(done.stdout, /Not equal to git: githubApp:p24-infra-bot\.\n$/);
    const secret = world()
      .github.secretsOf(OWNER, "p24-infra")
      .find(({ name }) => name === "SNYK_CREDENTIAL");
    assert.equal(secret?.value, "a new one");
    world().github.changeApp(APP.slug, APP.permissions);
  });

  it("has the roots of trust named that are missing, each with its command, and hinders nobody", async () => {
    world().github.setSecret(OWNER, "p24-infra", "AGE_KEY_GHA", "set by hand");
    const planned = await look();
    assert.equal(planned.code, 0, planned.stdout);
    assert.match(planned.report, /roots:radieu\/p24-infra +missing \(present\) +1 in sync, 4 missing\n/);
    assert.match(
      planned.report,
      /note: P24_BOT_APP_ID is not there; where it is used: gh secret set P24_BOT_APP_ID --repo radieu\/p24-infra\n/,
    );
    assert.doesNotMatch(planned.report, /AGE_KEY_GHA/);
  });
});
