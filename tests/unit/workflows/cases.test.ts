/**
 * Proves, one small workflow a case, what becomes of a consumer where its form or surroundings decide: replaced with exactly
 * this text, or left with exactly this reason, and then nothing else of its step or job is half done.
 */
import assert from "node:assert/strict";

import { migrate } from "../../../core/workflows/migrate.js";
import { faultsOf } from "../../support/faults.js";
import { APP } from "../../support/workflows.js";

const PATH = ".github/workflows/a.yml";
const HEAD = "on: push\njobs:\n  a:\n    runs-on: x\n";
const MADE = [
  "- uses: actions/create-github-app-token@1b10c78c7865c340bc4f6099eb2f838309f1e8c3 # v3.1.1",
  "  id: app-token",
  "  with:",
  "    client-id: ${{ secrets.P24_BOT_APP_ID }}",
  "    private-key: ${{ secrets.P24_BOT_PRIVATE_KEY }}",
  "    owner: radieu",
  "    repositories: p24-infra,et-operational-platform",
];
const TOKEN = "${{ steps.app-token.outputs.token }}";

function plan(text: string, path = PATH) {
  const { changes, left, notes } = migrate([{ path, text }], APP);
  return {
    text: changes[0]?.text,
    left: left.map(({ before, what }) => `${String(before)}: ${what}`),
    notes: notes.map(({ after, what }) => `${String(after)}: ${what}`),
  };
}

/** Text of a job's steps, written with two spaces in front of the dashes of spec 03. */
function steps(...lines: string[]): string {
  return `${HEAD}    steps:\n${lines.map((line) => `      ${line}\n`).join("")}`;
}

describe("a consumer", () => {
  const replaced: readonly [string, string, string][] = [
    [
      "in a step that is all comment and run",
      steps("# first", "- run: echo", "# second", "# third", "- run: gh x ${{ secrets.GH_PAT }}"),
      steps("# first", "- run: echo", ...MADE, "# second", "# third", `- run: gh x ${TOKEN}`),
    ],
    [
      "behind a dash of its own",
      steps("-", "  run: gh x ${{ secrets.GH_PAT }}"),
      steps(...MADE, "-", `  run: gh x ${TOKEN}`),
    ],
    [
      "in a file with a byte order mark",
      `\uFEFF${steps("- run: gh x ${{ secrets.GH_PAT }}")}`,
      `\uFEFF${steps(...MADE, `- run: gh x ${TOKEN}`)}`,
    ],
    [
      "in a job's env, for a step whose script keeps its last empty lines",
      `${HEAD}    env: # all\n      # why\n      GH_TOKEN: \${{ secrets.GH_PAT }}\n    steps:\n      - run: |+\n          gh x\n\n      - uses: actions/checkout@v4\n`,
      `${HEAD}    # all\n      # why\n    steps:\n${MADE.map((line) => `      ${line}\n`).join("")}\n      - run: |+\n          gh x\n\n        env:\n          GH_TOKEN: ${TOKEN}\n      - uses: actions/checkout@v4\n`,
    ],
    [
      "in a job's env, for a step with more than a script",
      `${HEAD}    env:\n      A: b\n      GH_TOKEN: \${{ secrets.GH_PAT }} # TODO: replace with steps.app-token.outputs.token\n    steps:\n      - name: x\n        # how\n        run: gh x`,
      `${HEAD}    env:\n      A: b\n    steps:\n${MADE.map((line) => `      ${line}\n`).join("")}      - name: x\n        env:\n          GH_TOKEN: ${TOKEN}\n        # how\n        run: gh x`,
    ],
    [
      "whose name is written in small letters",
      steps("- run: gh x ${{ secrets.p24_infra_gh_token }}"),
      steps(...MADE, `- run: gh x ${TOKEN}`),
    ],
  ];
  for (const [title, before, after] of replaced) {
    it(`is replaced ${title}`, () => {
      assert.equal(plan(before).text, after);
      assert.deepEqual(plan(before).left, []);
      assert.equal(plan(after).text, undefined);
    });
  }

  const later = (more: readonly string[], app: string) => [
    ...more,
    "- uses: actions/create-github-app-token@v3 # pinned",
    "  with:",
    `    app-id: ${app}`,
    "    private-key: ${{ secrets.P24_BOT_PRIVATE_KEY }}",
  ];
  const moved: readonly [string, string, string][] = [
    [
      "that is the last one, in a file without a last end of line",
      steps("- run: gh x ${{ secrets.GH_PAT }}", ...later([], "${{ secrets.P24_BOT_APP_ID }}")).trimEnd(),
      steps(
        "- uses: actions/create-github-app-token@v3 # pinned",
        "  id: app-token",
        "  with:",
        "    app-id: ${{ secrets.P24_BOT_APP_ID }}",
        "    private-key: ${{ secrets.P24_BOT_PRIVATE_KEY }}",
        `- run: gh x ${TOKEN}`,
      ),
    ],
    [
      "with the comment above it, but not its reminder",
      steps(
        "# one",
        "- run: gh x ${{ secrets.GH_PAT }}",
        ...later(["", "# made", "# TODO: replace with steps.app-token.outputs.token"], "1"),
        "",
        "- run: y",
      ),
      steps(
        "# made",
        "- uses: actions/create-github-app-token@v3 # pinned",
        "  id: app-token",
        "  with:",
        "    app-id: 1",
        "    private-key: ${{ secrets.P24_BOT_PRIVATE_KEY }}",
        "",
        "# one",
        `- run: gh x ${TOKEN}`,
        "",
        "- run: y",
      ),
    ],
  ];
  for (const [title, before, after] of moved) {
    it(`gets a token's step moved up ${title}`, () => {
      // Ends of lines that a reader does not see: an empty line of `steps` has the blanks of its place.
      const bare = (text: string | undefined) => text?.replace(/[ ]+$/gm, "");
      assert.equal(bare(plan(before).text), bare(after));
      assert.deepEqual(plan(before).left, []);
    });
  }

  it("in alternatives becomes one token", () => {
    const text = steps(
      "- run: gh x ${{ secrets.GH_PAT || secrets['GH_TOKEN']||secrets.P24_INFRA_GH_TOKEN || github.token }}",
    );
    const { text: after, notes } = plan(text);
    assert.equal(after, steps(...MADE, "- run: gh x ${{ steps.app-token.outputs.token || github.token }}"));
    assert.deepEqual(notes, ["13: falls back to something else where the secret is absent"]);
    assert.deepEqual(plan(text.replace(" || github.token", "")).notes, []);
  });

  const existing = (more: string, step = "") =>
    steps(
      "- uses: actions/create-github-app-token@v2",
      "  id: made",
      ...(more === "" ? [] : [`  ${more}`]),
      "  with:",
      "    app-id: ${{ secrets.P24_BOT_APP_ID }}",
      "    private-key: ${{ secrets.P24_BOT_PRIVATE_KEY }}",
      "- uses: actions/checkout@v4",
      "  with:",
      ...(step === "" ? [] : [`    ${step}`]),
      "    token: ${{ secrets.GH_PAT }}",
    );
  const IN_ENV = "is in a job's env, where no step's output reaches,";
  const env = (entry: string, ...rest: string[]) =>
    `${HEAD}    env:\n${entry}    steps:\n${rest.map((line) => `      ${line}\n`).join("")}`;
  const GH_TOKEN = "      GH_TOKEN: ${{ secrets.GH_PAT }}\n";
  const left: readonly [string, string, string][] = [
    [
      "when the token there is made under another condition",
      existing("if: github.ref == 'x'"),
      "14: would need the token of the step made, which is made under another condition",
    ],
    [
      "when the token there is for other repositories",
      existing("name: x", "repository: radieu/et-operational-platform"),
      "15: would need the token of the step made, which is for other repositories",
    ],
    [
      "when the token there comes too late, and needs what is before it",
      steps("- id: a", "  run: gh x ${{ secrets.GH_PAT }}", ...later([], "${{ steps.a.outputs.b }}")),
      "7: is used before the step number 2 of the job, which makes the App's token",
    ],
    ["when escapes hide it", steps('- run: "gh x ${{ \\x73ecrets.GH_PAT }}"'), "6: is written with escapes"],
    [
      "in an if",
      steps("- run: gh x", "  if: secrets.GH_PAT != ''"),
      "7: stands in an `if`, where GitHub offers no secret",
    ],
    [
      "in a name of a job",
      `on: push\njobs:\n  a:\n    name: \${{ secrets.GH_PAT }}\n    runs-on: x\n`,
      "4: stands where no step's output reaches",
    ],
    [
      "in an env over lines",
      env("      GH_TOKEN:\n        ${{ secrets.GH_PAT }}\n", "- run: gh x"),
      `6: ${IN_ENV} in a form that cannot be moved`.replace("6", "7"),
    ],
    ["in an env that nobody reads", env(GH_TOKEN, "- run: echo"), `6: ${IN_ENV} where no step seems to read it`],
    [
      "in an env that a step hands to another variable",
      env(GH_TOKEN, "- run: gh x", "  env:", "    A: ${{ env.GH_TOKEN }}"),
      `6: ${IN_ENV} and read outside of the steps or by another variable of a step`,
    ],
    [
      "in an env that a step overwrites",
      env(GH_TOKEN, "- run: echo GH_TOKEN=x >> $GITHUB_ENV", "- run: gh x"),
      `6: ${IN_ENV} and a step writes that variable into GITHUB_ENV`,
    ],
    [
      "in an env that a step on one line reads",
      env(GH_TOKEN, "- { run: gh x }"),
      `6: ${IN_ENV} and a step that reads it has a form that cannot be edited`,
    ],
    [
      "in an env whose value has an anchor",
      env("      GH_TOKEN: &a ${{ secrets.GH_PAT }}\n", "- run: gh x", "  env:", "    B: *a"),
      `6: ${IN_ENV} in a form that cannot be moved`,
    ],
  ];
  for (const [title, text, reason] of left) {
    it(`is left ${title}`, () => {
      assert.deepEqual(plan(text).left, [reason]);
      assert.equal(plan(text).text, undefined);
    });
  }

  it("in the step that makes the token is left, with all of the job", () => {
    const late = later(["- run: gh x ${{ secrets.GH_PAT }}"], "${{ secrets.P24_BOT_APP_ID }}");
    const reason = "is used by the step number 2 of the job itself, which makes the App's token";
    assert.deepEqual(plan(steps(...late, "  env:", "    A: ${{ secrets.GH_PAT }}")), {
      text: undefined,
      left: [`6: ${reason}`, `12: ${reason}`],
      notes: [],
    });
  });

  it("is left with all others behind the same anchor, when one job names its step otherwise", () => {
    const text = `${steps("- &x", "  run: gh x ${{ secrets.GH_PAT }}")}  b:
    runs-on: x
    steps:
      - uses: actions/create-github-app-token@v3
        id: other
        with:
          app-id: \${{ secrets.P24_BOT_APP_ID }}
          private-key: \${{ secrets.P24_BOT_PRIVATE_KEY }}
      - *x
`;
    const reason = "7: is shared through an anchor by jobs that name the token's step otherwise";
    assert.deepEqual(plan(text), { text: undefined, left: [reason], notes: [] });
  });

  it("that is left in an env keeps its reminder, and the others do not keep theirs", () => {
    const reminder = "# TODO: replace with steps.app-token.outputs.token";
    const text = env(
      `      ${reminder}\n${GH_TOKEN}`,
      "- run: echo",
      "- run: x ${{ secrets.GH_PAT }}",
      "  env:",
      "    GH_TOKEN: a",
    );
    const lines = plan(text.replace("- run: x", `${reminder}\n      - run: x`)).text?.split("\n") ?? [];
    assert.deepEqual(
      lines.flatMap((line, index) => (line.includes("TODO") ? [index + 1] : [])),
      [6],
    );
  });
});

describe("a reminder", () => {
  it("in quotes is text, and stays", () => {
    const text = steps("- run: 'echo # TODO: replace with steps.app-token.outputs.token'");
    assert.equal(plan(text).text, undefined);
  });

  it("without any consumer goes, with the line that it has to itself", () => {
    const text = steps("- run: gh x", "  # todo replace with ${{ steps.app-token.outputs.token }}, please", "  id: x");
    assert.equal(plan(text).text, steps("- run: gh x", "  id: x"));
  });
});

describe("a file that cannot be read", () => {
  const cases: readonly [string, string, string[]][] = [
    [
      "no YAML",
      "on: [push\njobs: x",
      [`${PATH}:2: is not valid YAML. Repair: edit the file; actionlint shows what GitHub would say`],
    ],
    [
      "a key twice",
      "on: push\non: x\n",
      [`${PATH}:2: has a key twice. Repair: edit the file; actionlint shows what GitHub would say`],
    ],
    ["nothing", "", [`${PATH}: is no map of keys. Repair: edit the file, or delete it`]],
    [
      "an alias inside of its anchor",
      "on: push\njobs: &a\n  b: *a\n",
      [`${PATH}: has aliases that never come to an end. Repair: write out what the anchors stand for`],
    ],
  ];
  for (const [title, text, faults] of cases) {
    it(`because it has ${title} stops the run, and is named`, () => {
      assert.deepEqual(faultsOf(() => plan(text)).slice(0, 1), faults);
    });
  }

  it("because aliases multiply is refused before it takes for ever", () => {
    const lines = ["on: push", "x0: &x0 [a, a, a, a, a, a, a, a, a, a]"];
    for (let level = 1; level < 9; level += 1) {
      const alias = `*x${String(level - 1)}`;
      lines.push(`x${String(level)}: &x${String(level)} [${Array(10).fill(alias).join(", ")}]`);
    }
    assert.match(faultsOf(() => plan(lines.join("\n"))).join(), /never come to an end/);
  });

  it("is told with the faults of all other files", () => {
    const files = ["b.yml", "c.yml"].map((name) => ({ path: name, text: "" }));
    assert.equal(faultsOf(() => migrate(files, APP)).length, 2);
  });
});

describe("what the App's token may not be good for", () => {
  const cases: readonly [string, string | undefined][] = [
    ["gh workflow run x.yml", "starts or stops a workflow; the App has Actions: read"],
    [
      "gh api repos/o/r/actions/workflows/1/dispatches -X POST",
      "starts or stops a workflow; the App has Actions: read",
    ],
    ["gh run view 1", undefined],
    ["gh api repos/o/r/dispatches -f event_type=x", undefined],
    ["gh variable set A", "changes Actions variables; the App has no permission for them"],
    ["gh repo edit --description x", "changes a repository; the App has no such permission"],
    ["gh repo clone o/r", undefined],
    ["gh api user --jq .login", "asks who the token's user is; an App's token has none"],
    ["gh api users/x", undefined],
    ["docker login ghcr.io", "uses ghcr.io; an App's token cannot log in there without Packages"],
    ["ssh host x", "reaches for another machine; the App's token is revoked when the job ends"],
    ["cat ~/.ssh/config", undefined],
    [
      "git add .github/workflows && git push",
      "seems to push a change of a workflow; GitHub refuses that without Workflows: write",
    ],
    ["gh project list", "uses a project; a user's projects are out of an App's reach"],
    ["gh secret set A", undefined],
  ];
  for (const [script, expected] of cases) {
    it(`${expected === undefined ? "is nothing" : "is told"} for ${script}`, () => {
      const { notes } = plan(steps("- env:", "    GH_TOKEN: ${{ secrets.GH_PAT }}", `  run: ${script}`));
      assert.deepEqual(notes, expected === undefined ? [] : [`13: ${expected}`]);
    });
  }
});
