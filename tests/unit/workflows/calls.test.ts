/**
 * Proves what becomes of personal tokens that pass from one workflow to another: a called workflow gets the App's secrets in
 * their place when every caller and every use can follow, and else nothing of it changes.
 */
import assert from "node:assert/strict";

import { migrate } from "../../../core/workflows/migrate.js";
import { APP } from "../../support/workflows.js";

const folder = ".github/workflows/";

function run(files: Readonly<Record<string, string>>) {
  const texts = Object.entries(files).map(([name, text]) => ({ path: `${folder}${name}`, text }));
  const { changes, left, notes } = migrate(texts, APP);
  return {
    changed: Object.fromEntries(changes.map(({ path, text }) => [path.slice(folder.length), text])),
    left: left.map(({ path, before, what }) => `${path.slice(folder.length)}:${String(before)}: ${what}`),
    notes: notes.map(({ path, what }) => `${path.slice(folder.length)}: ${what}`),
  };
}

/** A workflow that others call, with one step that uses `secret`. */
function called(secret: string, declared: string, more = ""): string {
  return `on:
  workflow_call:
${declared}jobs:
  a:
    runs-on: x
${more}    steps:
      - run: gh x \${{ secrets.${secret} }}
`;
}

function declares(...names: readonly string[]): string {
  return `    secrets:\n${names.map((name) => `      ${name}:\n        required: true\n`).join("")}`;
}

/** A workflow that calls another one. */
function caller(target: string, secrets: string, on = "push"): string {
  return `on: ${on}\njobs:\n  call:\n    uses: ./.github/workflows/${target}\n${secrets}`;
}

function hands(...entries: readonly string[]): string {
  return `    secrets:\n${entries.map((entry) => `      ${entry}\n`).join("")}`;
}

const BOTH = [
  "P24_BOT_APP_ID: ${{ secrets.P24_BOT_APP_ID }}",
  "P24_BOT_PRIVATE_KEY: ${{ secrets.P24_BOT_PRIVATE_KEY }}",
];
const DECLARED = declares("P24_BOT_APP_ID", "P24_BOT_PRIVATE_KEY");

describe("a called workflow", () => {
  it("that is given the token under another name gets the App's secrets in its place, from every caller", () => {
    const { changed, left, notes } = run({
      "called.yml": called("bot", declares("bot", "webhook")),
      "one.yml": caller(
        "called.yml",
        hands("# of the bot", "bot: ${{ secrets.GH_PAT }}", "webhook: ${{ secrets.HOOK }}"),
      ),
      "two.yml": caller("called.yml", hands("webhook: ${{ secrets.HOOK }}", "bot: ${{ secrets['GH_TOKEN'] }}")),
    });
    assert.deepEqual(left, []);
    assert.deepEqual(notes, ["called.yml: declares other secrets for its callers than before"]);
    assert.equal(
      changed["one.yml"],
      caller("called.yml", hands("# of the bot", ...BOTH, "webhook: ${{ secrets.HOOK }}")),
    );
    assert.equal(changed["two.yml"], caller("called.yml", hands("webhook: ${{ secrets.HOOK }}", ...BOTH)));
    assert.match(
      changed["called.yml"] ?? "",
      /workflow_call:\n {4}secrets:\n {6}P24_BOT_APP_ID:\n {8}required: true\n/,
    );
    assert.doesNotMatch(changed["called.yml"] ?? "", /bot:/);
    assert.match(changed["called.yml"] ?? "", /gh x \$\{\{ steps\.app-token\.outputs\.token \}\}/);
  });

  it("that calls another one hands the App's secrets on", () => {
    const middle = caller("last.yml", hands("inner: ${{ secrets.outer }}")).replace(
      "on: push",
      `on:\n  workflow_call:\n${declares("outer").trimEnd()}`,
    );
    const { changed, left } = run({
      "first.yml": caller("middle.yml", hands("outer: ${{ secrets.GH_PAT }}")),
      "middle.yml": middle,
      "last.yml": called("inner", declares("inner")),
    });
    assert.deepEqual(left, []);
    assert.equal(changed["first.yml"], caller("middle.yml", hands(...BOTH)));
    assert.equal(
      changed["middle.yml"],
      caller("last.yml", hands(...BOTH)).replace("on: push", `on:\n  workflow_call:\n${DECLARED.trimEnd()}`),
    );
  });

  it("that makes an App's token already is given nothing new, and nothing of the personal one is left", () => {
    const makes = (declared: string, secret: string) =>
      called("bot", declared).replace(
        "      - run",
        `      - uses: actions/create-github-app-token@v3
        id: made
        with:
          app-id: \${{ secrets.${secret} }}
          private-key: \${{ secrets.PEM }}
      - run`,
      );
    const { changed, left } = run({
      "called.yml": makes(declares("APP", "PEM", "bot"), "APP"),
      "one.yml": caller(
        "called.yml",
        hands("APP: ${{ secrets.A }}", "bot: ${{ secrets.GH_PAT }}", "PEM: ${{ secrets.B }}"),
      ),
    });
    assert.deepEqual(left, []);
    assert.equal(changed["one.yml"], caller("called.yml", hands("APP: ${{ secrets.A }}", "PEM: ${{ secrets.B }}")));
    assert.ok(changed["called.yml"]?.includes(declares("APP", "PEM")));
    assert.doesNotMatch(changed["called.yml"] ?? "", /bot|P24_BOT/);
    const only = run({
      "called.yml": makes(declares("bot"), "GITHUB_TOKEN").replace("secrets.PEM", "vars.PEM"),
      "one.yml": caller("called.yml", hands("bot: ${{ secrets.GH_PAT }}")),
    });
    assert.equal(only.changed["one.yml"], caller("called.yml", ""));
    assert.doesNotMatch(only.changed["called.yml"] ?? "", /^ +secrets:/m);
  });

  it("whose callers let it inherit all needs nothing from them", () => {
    const inherits = caller("called.yml", "    secrets: inherit\n");
    const undeclared = run({ "called.yml": called("GH_PAT", ""), "one.yml": inherits });
    assert.deepEqual(Object.keys(undeclared.changed), ["called.yml"]);
    const declared = run({ "called.yml": called("GH_PAT", declares("GH_PAT")), "one.yml": inherits });
    assert.deepEqual(Object.keys(declared.changed), ["called.yml"]);
    assert.ok(declared.changed["called.yml"]?.includes(DECLARED));
  });

  it("that is given the job's own token under the name of a personal one is left alone", () => {
    const own = run({
      "called.yml": called("GH_TOKEN", declares("GH_TOKEN")),
      "one.yml": caller("called.yml", hands("GH_TOKEN: ${{ secrets.GITHUB_TOKEN }}")),
    });
    assert.deepEqual(own, { changed: {}, left: [], notes: [] });
  });

  const blocked: readonly [string, Record<string, string>, string[]][] = [
    [
      "without a caller in the checkout",
      { "called.yml": called("GH_PAT", declares("GH_PAT")) },
      ["called.yml:10: is handed over by callers that are not in this checkout"],
    ],
    [
      "that needs it where no step's output reaches",
      {
        "called.yml": called("GH_PAT", declares("GH_PAT"), "    name: ${{ secrets.GH_PAT }}\n"),
        "one.yml": caller("called.yml", hands("GH_PAT: ${{ secrets.GH_PAT }}")),
      },
      [
        "called.yml:9: is handed over by a caller, and needed here where it cannot be replaced",
        "called.yml:11: is handed over by a caller, and needed here where it cannot be replaced",
        "one.yml:6: is handed to .github/workflows/called.yml, where it is handed over by a caller, and needed here where it cannot be replaced",
      ],
    ],
    [
      "with a caller that hands over more than the token",
      {
        "called.yml": called("bot", declares("bot")),
        "one.yml": caller("called.yml", hands("bot: ${{ secrets.GH_PAT || github.token }}")),
      },
      [
        "called.yml:10: is handed over by .github/workflows/one.yml, job call, as something else, or in a form that cannot be edited",
        "one.yml:6: is handed to .github/workflows/called.yml, where it is handed over by .github/workflows/one.yml, job call, as something else, or in a form that cannot be edited",
      ],
    ],
    [
      "that other events start with the repository's token, and a caller with the job's own",
      {
        "called.yml": called("GH_PAT", declares("GH_PAT")).replace("on:\n", "on:\n  push:\n"),
        "one.yml": caller("called.yml", hands("GH_PAT: ${{ secrets.GITHUB_TOKEN }}")),
      },
      [
        "called.yml:11: is handed over by .github/workflows/one.yml, job call, as something else, or in a form that cannot be edited",
      ],
    ],
    [
      "with a caller that writes its secrets on one line",
      {
        "called.yml": called("bot", declares("bot")),
        "one.yml": caller("called.yml", '    secrets: { bot: "${{ secrets.GH_PAT }}" }\n'),
      },
      [
        "called.yml:10: is handed over by .github/workflows/one.yml, job call, as something else, or in a form that cannot be edited",
        "one.yml:5: is handed to .github/workflows/called.yml, where it is handed over by .github/workflows/one.yml, job call, as something else, or in a form that cannot be edited",
      ],
    ],
    [
      "that declares on one line",
      {
        "called.yml": called("bot", "    secrets: { bot: { required: true } }\n"),
        "one.yml": caller("called.yml", hands("bot: ${{ secrets.GH_PAT }}")),
      },
      [
        "called.yml:8: is declared in a form that cannot be edited",
        "one.yml:6: is handed to .github/workflows/called.yml, where it is declared in a form that cannot be edited",
      ],
    ],
    [
      "that is not in the checkout",
      { "one.yml": caller("gone.yml", hands("bot: ${{ secrets.GH_PAT }}")) },
      ["one.yml:6: is handed to a workflow that is not in this checkout, where no step's output reaches"],
    ],
    [
      "that does not use what it is given",
      {
        "called.yml": called("OTHER", declares("bot", "OTHER")),
        "one.yml": caller("called.yml", hands("bot: ${{ secrets.GH_PAT }}", "OTHER: ${{ secrets.OTHER }}")),
      },
      ["one.yml:6: is handed to .github/workflows/called.yml, which does not use it in a step"],
    ],
  ];
  for (const [title, files, reasons] of blocked) {
    it(`${title} is left, with all that belongs to it`, () => {
      const { changed, left } = run(files);
      assert.deepEqual(left, reasons);
      assert.deepEqual(changed, {});
    });
  }
});
