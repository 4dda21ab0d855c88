/** Proves the exact sentence and repair for each way in which the App can differ from the settings, as a table. */
import assert from "node:assert/strict";

import { compareApp, type DesiredApp } from "../../../core/compare/githubApp.js";
import { compareRoots } from "../../../core/compare/roots.js";
import { isConverged } from "../../../core/compare/report.js";
import { renderFault } from "../../../core/fault.js";
import { ROOTS_OF_TRUST } from "../../../core/model/names.js";
import type { AppObservation } from "../../../core/observe/githubApp.js";

const DESIRED: DesiredApp = {
  slug: "p24-infra-bot",
  permissions: { issues: "write", pull_requests: "write", actions: "read", secrets: "write" },
  repositories: ["radieu/p24-infra", "radieu/Other"],
  ci: false,
  settingsFile: "Pulumi.test.yaml",
};
const SEEN: AppObservation = {
  form: "installation",
  login: "p24-infra-bot[bot]",
  asked: { ...DESIRED.permissions, metadata: "read" },
  ofOrganization: false,
  covered: new Set(["radieu/p24-infra", "radieu/other"]),
  refused: new Map(),
};

function compare(seen: Partial<AppObservation>, desired: Partial<DesiredApp> = {}) {
  const report = compareApp({ ...DESIRED, ...desired }, { seen: { ...SEEN, ...seen } });
  assert.equal(report.place, "githubApp:p24-infra-bot");
  assert.equal(isConverged(report), report.faults.length === 0);
  return { ...report, faults: report.faults.map(renderFault) };
}

const INSTALLATIONS = "https://github.com/settings/installations";
const PERMISSIONS = "https://github.com/settings/apps/p24-infra-bot/permissions";
const STEP =
  "in the workflow give it ${{ steps.app-token.outputs.token }} of a step that uses actions/create-github-app-token";

describe("the GitHub App compared with the settings", () => {
  for (const ci of [true, false]) {
    it(`is in sync when it is as they want it, ${ci ? "in CI" : "outside of it"}`, () => {
      const report = compare({}, { ci });
      assert.deepEqual(
        [report.status, report.confidence, report.counts, report.faults, report.notes],
        ["in sync", "verified", { "in sync": 7 }, [], []],
      );
    });
  }

  const cases: readonly [string, Partial<AppObservation>, Partial<DesiredApp>, string][] = [
    [
      "is not installed on one repository",
      { covered: new Set(["radieu/p24-infra"]) },
      {},
      `GitHub App p24-infra-bot: is not installed on radieu/Other. Repair: at ${INSTALLATIONS} choose p24-infra-bot, Configure, Repository access, and add radieu/Other`,
    ],
    [
      "is not installed on one repository of an organization, whose installation is known",
      { covered: new Set(["radieu/p24-infra"]), ofOrganization: true },
      { installation: 77 },
      "GitHub App p24-infra-bot: is not installed on radieu/Other. Repair: at https://github.com/organizations/radieu/settings/installations/77 choose p24-infra-bot, Configure, Repository access, and add radieu/Other",
    ],
    [
      "lacks a permission",
      { asked: { issues: "write", pull_requests: "write", actions: "read" } },
      {},
      `GitHub App p24-infra-bot: lacks the permission Secrets: Read and write (it has: No access). Repair: at ${PERMISSIONS} set Secrets to "Read and write" and save, then accept the request at ${INSTALLATIONS}`,
    ],
    [
      "may only read where it should write",
      { asked: { ...DESIRED.permissions, pull_requests: "read" } },
      {},
      `GitHub App p24-infra-bot: lacks the permission Pull requests: Read and write (it has: Read-only). Repair: at ${PERMISSIONS} set Pull requests to "Read and write" and save, then accept the request at ${INSTALLATIONS}`,
    ],
    [
      "has a permission that nobody wants",
      { asked: { ...DESIRED.permissions, administration: "write" } },
      {},
      `GitHub App p24-infra-bot: has the permission Administration: Read and write, which the settings do not list. Repair: at ${PERMISSIONS} set Administration to "No access" and save, or list administration: write in github.app.permissions`,
    ],
    [
      "may write where it should only read",
      { asked: { ...DESIRED.permissions, actions: "write" }, ofOrganization: true },
      {},
      'GitHub App p24-infra-bot: has the permission Actions: Read and write, which the settings do not list. Repair: at https://github.com/organizations/radieu/settings/apps/p24-infra-bot/permissions set Actions to "Read-only" and save, or list actions: write in github.app.permissions',
    ],
    [
      "asks for a permission that its installation has not accepted",
      { refused: new Map([["radieu/p24-infra", ["issues"]]]) },
      {},
      `GitHub App p24-infra-bot: asks for the permission Issues and is refused it in radieu/p24-infra: its installation has not accepted it. Repair: at ${INSTALLATIONS} choose p24-infra-bot, Review request, Accept new permissions`,
    ],
    [
      "cannot be seen",
      { asked: undefined },
      {},
      "GitHub App p24-infra-bot: the token can see no App of that name. Repair: correct github.app.slug in Pulumi.test.yaml, or create it: https://github.com/settings/apps/new (docs/decisions/0006-github-app-is-verified.md)",
    ],
    [
      "is not who CI works as, but the workflow itself",
      { login: "github-actions[bot]", asked: undefined, covered: undefined },
      { ci: true },
      `GITHUB_TOKEN: is the workflow's own token (github-actions[bot]) and not p24-infra-bot's, which alone reaches every repository and its secrets. Repair: ${STEP}`,
    ],
    [
      "is not who CI works as, but a person",
      { login: "radieu", form: "classic" },
      { ci: true },
      `GITHUB_TOKEN: is a personal token (radieu) and not p24-infra-bot's. Repair: ${STEP}, then revoke the personal one: https://github.com/settings/tokens`,
    ],
    [
      "is not who CI works as, but another App",
      { login: "renovate[bot]" },
      { ci: true },
      `GITHUB_TOKEN: is a token of another App (renovate[bot]) and not p24-infra-bot's. Repair: ${STEP} with P24_BOT_APP_ID and P24_BOT_PRIVATE_KEY of p24-infra-bot`,
    ],
    [
      "has a token of a form that installations do not have",
      { form: "unknown" },
      { ci: true },
      `GITHUB_TOKEN: does not have the form of an installation's token (ghs_…). Repair: ${STEP}`,
    ],
  ];
  for (const [title, seen, desired, message] of cases) {
    it(`that ${title} is told so, with the repair`, () => {
      assert.deepEqual(compare(seen, desired).faults, [message]);
    });
  }

  it("tells all at once", () => {
    const seen = { asked: { administration: "write" } as const, covered: new Set<string>() };
    const report = compare(seen);
    assert.equal(report.faults.length, 7);
    assert.deepEqual(report.counts, { "in sync": 1, differs: 7 });
  });

  it("does not judge the App by what another's token sees in CI", () => {
    const report = compare({ login: "radieu", asked: {}, covered: new Set() }, { ci: true });
    assert.deepEqual([report.faults.length, report.status, report.confidence], [1, "unreachable", "unreachable"]);
  });

  it("is only present, and said so, with an operator's own token outside of CI", () => {
    const report = compare({ login: "radieu", form: "classic", covered: undefined });
    assert.deepEqual(
      [report.status, report.confidence, report.notes],
      [
        "in sync",
        "present",
        [
          "GITHUB_TOKEN is radieu's own, which will do here; CI works with p24-infra-bot's",
          "where p24-infra-bot is installed is seen with its own token, or with a classic one and github.app.installation",
        ],
      ],
    );
  });

  it("may be installed on more repositories than the settings name, which is told", () => {
    const report = compare({ covered: new Set(["radieu/p24-infra", "radieu/other", "radieu/blog"]) });
    assert.deepEqual(
      [report.status, report.notes],
      ["in sync", ["is installed on further repositories than the settings name: 1"]],
    );
  });

  it("may have metadata listed or not", () => {
    assert.deepEqual(compare({}, { permissions: { ...DESIRED.permissions, metadata: "read" } }).faults, []);
  });

  it("that cannot be asked is unreachable, with the repair", () => {
    const fault = { where: "GitHub App x", what: "is silent", repair: "wait" };
    const report = compareApp(DESIRED, { unreachable: fault });
    assert.deepEqual([report.status, report.faults], ["unreachable", [fault]]);
  });
});

describe("the roots of trust", () => {
  const all = new Map([...ROOTS_OF_TRUST].map((name) => [name, "then"]));

  it("are in sync when the repository has all of them", () => {
    assert.deepEqual(compareRoots("o/r", { seen: { secrets: all } }), {
      place: "roots:o/r",
      status: "in sync",
      confidence: "present",
      counts: { "in sync": 5 },
      names: [],
      faults: [],
      notes: [],
    });
  });

  it("of which one is missing are told with the command that sets it, and keep nobody from converging", () => {
    const secrets = new Map([...all].filter(([name]) => name !== "AGE_KEY_GHA"));
    const report = compareRoots("o/r", { seen: { secrets } });
    assert.deepEqual(
      [report.status, report.counts, report.notes, isConverged(report)],
      [
        "missing",
        { "in sync": 4, missing: 1 },
        ["AGE_KEY_GHA is not there; where it is used: gh secret set AGE_KEY_GHA --repo o/r"],
        true,
      ],
    );
  });

  it("of a repository that cannot be asked are unknown, and its own line says why", () => {
    const report = compareRoots("o/r", { unreachable: { where: "x", what: "y", repair: "z" } });
    assert.deepEqual([report.status, report.faults, report.notes], ["unreachable", [], ["see github:o/r"]]);
  });
});
