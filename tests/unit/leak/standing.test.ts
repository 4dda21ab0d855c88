/** Proves how a present value is told from former ones, on versions made by hand. */
import assert from "node:assert/strict";

import type { Held, History, Step, Version } from "../../../core/exposure/versions.js";
import { standingOf } from "../../../core/leak/standing.js";
import { printOf } from "../../support/secrets.js";

const SHARED = "secrets/shared.sops.yaml";
const HOST = "secrets/vps-i1.sops.yaml";

/** A version of a file; a value with a mark in front (`mark:value`) is closed to us. */
function version(path: string, values: Readonly<Record<string, string>>): Version {
  const held = Object.entries(values).map(([key, text]): [string, Held] => {
    const [, mark] = /^(m\d):/.exec(text) ?? [];
    return [
      key,
      { sealed: `sealed ${text}`, mark: mark ?? `mark of ${text}`, print: mark ? undefined : printOf(text) },
    ];
  });
  const wrapped = new Set<string>();
  return { path, recipients: new Set(), values: new Map(held), dataKey: undefined, wrapped };
}

/** A history of one branch, oldest first: each commit has these files. */
function historyOf(...commits: readonly (readonly Version[])[]): History {
  const steps: Step[] = [];
  let before: readonly Version[] = [];
  for (const [index, files] of commits.entries()) {
    for (const path of new Set([...before, ...files].map((one) => one.path))) {
      const [from, to] = [before, files].map((list) => list.find((one) => one.path === path));
      if (from !== to) {
        steps.unshift({ from, to, commit: `c${String(index)}`, at: `2026-11-0${String(index)}T00:00:00Z` });
      }
    }
    before = files;
  }
  return { versions: commits.flat(), steps, present: new Map(before.map((one) => [one.path, one])) };
}

const shared = (value: string) => version(SHARED, { smtp_password: value });

describe("where a value stands", () => {
  const one = version(SHARED, { a: "old", b: "other" });
  const cases: readonly [string, History, readonly Version[], object][] = [
    [
      "the present one, under every name that has it",
      historyOf([version(SHARED, { a: "old", b: "old" }), version(HOST, { c: "old", d: "other" })]),
      [],
      { present: [`${SHARED} a`, `${SHARED} b`, `${HOST} c`] },
    ],
    [
      "one of a rotation ago",
      historyOf([shared("old")], [shared("new")]),
      [],
      { former: [`${SHARED} smtp_password 1 c1`] },
    ],
    [
      "one of three rotations ago",
      historyOf([shared("older")], [shared("old")], [shared("b")], [shared("c")], [shared("d")]),
      [],
      { former: [`${SHARED} smtp_password 3 c2`] },
    ],
    [
      "one that came back is the present one",
      historyOf([shared("old")], [shared("new")], [shared("old")]),
      [],
      { present: [`${SHARED} smtp_password`] },
    ],
    [
      "one that came back and left again: the last time counts",
      historyOf([shared("old")], [shared("b")], [shared("old")], [shared("c")]),
      [],
      { former: [`${SHARED} smtp_password 1 c3`] },
    ],
    ["one that was removed", historyOf([one], [version(SHARED, { b: "other" })]), [], { former: [`${SHARED} a 0 c1`] }],
    ["one whose file was removed", historyOf([one], []), [], { former: [`${SHARED} a 0 c1`] }],
    [
      "one that moved: present there, former here",
      historyOf([one], [version(SHARED, { b: "other" }), version(HOST, { a: "old" })]),
      [],
      { present: [`${HOST} a`], former: [`${SHARED} a 0 c1`] },
    ],
    [
      "one that is not committed yet",
      historyOf([shared("new")]),
      [shared("old")],
      { present: [`${SHARED} smtp_password`] },
    ],
    [
      "one whose rotation is not committed yet is still the present one",
      historyOf([shared("old")]),
      [shared("new")],
      { present: [`${SHARED} smtp_password`] },
    ],
    [
      "one on a branch that HEAD does not have",
      { ...historyOf([shared("new")]), versions: [shared("new"), shared("old")] },
      [],
      { elsewhere: [`${SHARED} smtp_password`] },
    ],
    [
      "a later version that is closed to us, with another mark, is another value",
      historyOf([shared("old")], [shared("m1:?")]),
      [],
      { former: [`${SHARED} smtp_password 1 c1`] },
    ],
    ["none that git knows", historyOf([shared("new")]), [], {}],
  ];
  for (const [title, history, files, expected] of cases) {
    it(title, () => {
      const { present, former, elsewhere } = standingOf(history, files, printOf("old"));
      assert.deepEqual(
        {
          present: present.map(({ path, key }) => `${path} ${key}`),
          former: former.map(({ path, key, since, replacedBy }) => `${path} ${key} ${String(since)} ${replacedBy}`),
          elsewhere: elsewhere.map(({ path, key }) => `${path} ${key}`),
        },
        { present: [], former: [], elsewhere: [], ...expected },
      );
    });
  }
});
