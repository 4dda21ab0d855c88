/** Proves the exact sentence and repair for each way in which Vercel's Git integration can differ from the settings, as a table. */
import assert from "node:assert/strict";

import { isConverged } from "../../../core/compare/report.js";
import { compareProject, compareStored, type DesiredProject } from "../../../core/compare/vercel.js";
import { renderFault } from "../../../core/fault.js";
import type { StoredCredentials } from "../../../core/observe/storedCredentials.js";
import type { MadeDeployment, ProjectLink } from "../../../core/observe/vercel.js";

const PROJECT: DesiredProject = { name: "web", repository: "o/r", team: "acme", settingsFile: "Pulumi.test.yaml" };
const BY_VERCEL: MadeDeployment = { by: "vercel[bot]", environment: "Production" };
const LINK: ProjectLink = { git: { type: "github", repository: "O/R" }, hooks: [], atGithub: true };
const PAGE = "https://vercel.com/acme/web/settings/git";

function compare(
  link: Partial<ProjectLink> | undefined,
  deployments: readonly MadeDeployment[] = [BY_VERCEL],
  project: Partial<DesiredProject> = {},
) {
  const seen = link === undefined ? undefined : { seen: { ...LINK, ...link } };
  const report = compareProject({ ...PROJECT, ...project }, { seen: deployments }, seen);
  assert.equal(isConverged(report), report.faults.length === 0);
  return { ...report, faults: report.faults.map(renderFault) };
}

describe("a Vercel project compared with the settings", () => {
  it("is verified with a token, and only present without one, which is said", () => {
    const { status, confidence, counts, faults, notes } = compare({});
    assert.deepEqual([status, confidence, counts, faults, notes], ["in sync", "verified", { "in sync": 4 }, [], []]);
    const blind = compare(undefined);
    assert.deepEqual(
      [blind.status, blind.confidence, blind.notes],
      ["in sync", "present", ["what it is connected to is seen with a vercel_token in secrets/stack.sops.yaml"]],
    );
  });

  const cases: readonly [string, Parameters<typeof compare>, string][] = [
    [
      "no deployment by the integration",
      [{}, [{ by: "github-actions[bot]", environment: "Preview" }]],
      `no deployment of o/r at GitHub comes from Vercel's Git integration (vercel[bot]); 1 were looked at. Repair: at ${PAGE} connect o/r, then push a commit`,
    ],
    [
      "no deployment at all, of a project without a team",
      [{}, [], { team: undefined }],
      "no deployment of o/r at GitHub comes from Vercel's Git integration (vercel[bot]); 0 were looked at. Repair: at https://vercel.com/dashboard, web, Settings, Git, connect o/r, then push a commit",
    ],
    [
      "connected to nothing, in a team that is named by its id",
      [{ git: undefined }, [BY_VERCEL], { team: "team_1" }],
      "is connected to no Git repository. Repair: at https://vercel.com/dashboard, web, Settings, Git, connect o/r",
    ],
    [
      "connected to another repository",
      [{ git: { type: "github", repository: "o/other" } }],
      `is connected to o/other (github) and not to o/r. Repair: at ${PAGE} disconnect it and connect o/r, or correct vercel.projects.web.repository in Pulumi.test.yaml`,
    ],
    [
      "connected to a repository of the same name elsewhere",
      [{ git: { type: "gitlab", repository: "o/r" } }],
      `is connected to o/r (gitlab) and not to o/r. Repair: at ${PAGE} disconnect it and connect o/r, or correct vercel.projects.web.repository in Pulumi.test.yaml`,
    ],
    [
      "deploy hooks",
      [{ hooks: ["nightly", "cms"] }],
      `has deploy hooks (nightly, cms): who knows the address of one deploys without any token. Repair: at ${PAGE} delete each under Deploy Hooks`,
    ],
    [
      "deployments that GitHub is not told of",
      [{ atGithub: false }],
      `makes no deployments at GitHub (its createDeployments is disabled), so nothing there shows who deploys it. Repair: at ${PAGE} switch on deployment_status Events`,
    ],
  ];
  for (const [title, given, message] of cases) {
    it(`with ${title} is told so, with the repair`, () => {
      assert.deepEqual(compare(...given).faults, [`Vercel project web: ${message}`]);
    });
  }

  it("tells everything at once", () => {
    const report = compare({ git: undefined, hooks: ["a"], atGithub: false }, []);
    assert.deepEqual([report.faults.length, report.counts], [4, { differs: 4 }]);
  });

  it("has it noted when somebody else deployed to Production last: it may be another thing of that name", () => {
    const other = { by: "github-actions[bot]", environment: "production" };
    const { status, notes } = compare({}, [{ by: "x", environment: "staging" }, other, BY_VERCEL]);
    assert.deepEqual(
      [status, notes],
      ["in sync", ["the latest deployment to production at GitHub comes from github-actions[bot]"]],
    );
    assert.deepEqual(compare({}, [BY_VERCEL, other]).notes, []);
  });

  it("that cannot be asked says why, at GitHub and at Vercel", () => {
    const one = { where: "GitHub o/r", what: "x", repair: "y" };
    const other = { where: "Vercel project web", what: "x", repair: "y" };
    assert.deepEqual(compareProject(PROJECT, { unreachable: one }, { unreachable: other }).faults, [one, other]);
  });
});

describe("stored Vercel tokens", () => {
  const NOTHING: StoredCredentials = { secrets: new Map(), uses: [], unseen: [] };
  const search = (names: readonly string[], stored: Partial<StoredCredentials>, git: readonly string[] = []) => {
    const observed = { seen: { secrets: new Map(names.map((name) => [name, "then"])) } };
    const report = compareStored(git, [
      { repository: "o/r", observed, stored: { ...NOTHING, ...stored } },
      { repository: "o/clean", observed: { seen: { secrets: new Map([["OTHER", "then"]]) } }, stored: NOTHING },
    ]);
    return { ...report, faults: report.faults.map(renderFault) };
  };
  const REVOKE = "then revoke it: https://vercel.com/account/settings/tokens";

  it("are none, where names and workflows have none", () => {
    const { status, confidence, counts, faults } = search(["OTHER"], {});
    assert.deepEqual([status, confidence, counts, faults], ["in sync", "present", { "in sync": 2 }, []]);
  });

  const cases: readonly [string, Parameters<typeof search>, string][] = [
    [
      "among a repository's secrets",
      [["VERCEL_TOKEN"], {}],
      `GitHub o/r: VERCEL_TOKEN: a Vercel token is among the Actions secrets (repository). Repair: gh secret delete VERCEL_TOKEN --repo o/r, ${REVOKE}`,
    ],
    [
      "among an environment's",
      [[], { secrets: new Map([["environment Production", ["VERCEL_API_TOKEN", "OTHER"]]]) }],
      `GitHub o/r: VERCEL_API_TOKEN: a Vercel token is among the Actions secrets (environment Production). Repair: gh secret delete VERCEL_API_TOKEN --repo o/r --env "Production", ${REVOKE}`,
    ],
    [
      "among the organization's",
      [[], { secrets: new Map([["organization", ["VERCEL_TOKEN"]]]) }],
      `GitHub o/r: VERCEL_TOKEN: a Vercel token is among the Actions secrets (organization). Repair: gh secret delete VERCEL_TOKEN --org o, ${REVOKE}`,
    ],
    [
      "in a workflow file",
      [[], { uses: [{ at: ".github/workflows/a.yml:7", name: "VERCEL_TOKEN" }] }],
      "o/r .github/workflows/a.yml:7: VERCEL_TOKEN: a workflow uses a Vercel token. Repair: remove the step: the Git integration deploys every push",
    ],
    [
      "in git, and so brought to every repository: that is told once",
      [["VERCEL_TOKEN"], {}, ["VERCEL_TOKEN", "OTHER"]],
      "secrets/github-actions.sops.yaml: VERCEL_TOKEN: is a Vercel token, which up would bring to every repository. Repair: sops edit secrets/github-actions.sops.yaml, remove it and commit; up takes it away at GitHub. Then revoke it: https://vercel.com/account/settings/tokens",
    ],
  ];
  for (const [title, given, message] of cases) {
    it(`${title} are told with the repair`, () => {
      const report = search(...given);
      assert.deepEqual([report.faults, report.status], [[message], "differs"]);
    });
  }

  it("that could not be looked for are noted, and a repository that cannot be asked is a fault", () => {
    assert.deepEqual(search([], { unseen: ["environment secrets"] }).notes, [
      "the environment secrets of o/r could not be looked at with this token",
    ]);
    const fault = { where: "GitHub o/r", what: "x", repair: "y" };
    const report = compareStored([], [{ repository: "o/r", observed: { unreachable: fault }, stored: NOTHING }]);
    assert.deepEqual([report.faults, isConverged(report)], [[fault], false]);
  });
});
