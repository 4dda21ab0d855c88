/**
 * Proves that no verb is left out of the leak sweep: a verb without a run, without a failing one, or whose `--json` is not
 * asked for, is named. tests/prove/sweep.test.ts runs them and says the same of what really ran.
 */
import assert from "node:assert/strict";

import { VERBS } from "../../../cli/verbs/all.js";
import { gapsIn, type Heard, RUNS } from "../../../sandbox/sweep/verbs.js";

describe("the leak sweep", () => {
  it("has runs for every verb of p24, and for nothing else", () => {
    assert.deepEqual(Object.keys(RUNS).sort(), VERBS.map(({ name }) => name).sort());
  });

  it("has a failing run of every verb, and one with --json where it has it", () => {
    // A run whose code is left open is not counted as a failure.
    const planned = Object.entries(RUNS).flatMap(([name, runs]) =>
      runs.map(({ words, code = 0 }): Heard => {
        const shown = typeof words === "function" ? words({ hosts: new Map() } as never) : words;
        return { command: `node cli/p24.mjs ${name} ${shown.join(" ")}`.trim(), code };
      }),
    );
    assert.deepEqual(gapsIn(VERBS, planned), []);
  });

  const verbs = [
    { name: "log check", options: { json: { type: "boolean" } } },
    { name: "log", options: {} },
  ] as const;
  const p24 = (line: string, code = 0): Heard => ({ command: `/usr/bin/node cli/p24.mjs ${line}`, code });
  const cases: readonly [string, Heard[], string[]][] = [
    ["nothing ran", [], ["log check: was not run", "log: was not run"]],
    [
      "another program ran",
      [{ command: "git log check --json", code: 1 }],
      ["log check: was not run", "log: was not run"],
    ],
    ["a verb is not its longer namesake", [p24("log", 3)], ["log check: was not run"]],
    ["it never failed", [p24("log check --json"), p24("log", 3)], ["log check: did not fail"]],
    ["never with --json", [p24("log check", 3), p24("log", 3)], ["log check: not with --json"]],
    [
      "a value that looks like it is not it",
      [p24("log check x--json", 3), p24("log", 3)],
      ["log check: not with --json"],
    ],
    ["all of it", [p24("log check --json", 3), p24("log", 3)], []],
  ];
  for (const [title, heard, gaps] of cases) {
    it(`names what is missing: ${title}`, () => {
      assert.deepEqual(gapsIn(verbs, heard), gaps);
    });
  }
});
