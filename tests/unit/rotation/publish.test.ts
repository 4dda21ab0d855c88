/** Proves which rows a push closes, how a refused push is judged, and which rows were closed between two logs. */
import assert from "node:assert/strict";

import { parseLog } from "../../../core/rotation/log.mjs";
import { closedBetween, closeSame, judge } from "../../../core/rotation/publish.js";
import { faultsOf } from "../../support/faults.js";

const HEAD = "| Date | Secret | Reason | Rotator | Confirmed in sync |\n| - | - | - | - | - |\n";
const row = (secret: string, confirmed = "PENDING", date = "2026-11-26") =>
  `| ${date} | ${secret} | scheduled | radieu | ${confirmed} |\n`;
const YES = "yes, 2026-11-26T08:00:00Z";
const states = (text: string) => parseLog(text).map(({ secret, state }) => `${secret} ${state}`);

describe("rows that are closed at origin", () => {
  it("are those of the same text and no more, whatever was pushed meanwhile", () => {
    const here = HEAD + row("a") + row("b");
    const there = HEAD + row("a") + row("new") + row("b") + row("a");
    const next = closeSame(there, parseLog(here), YES);
    assert.deepEqual(states(next), ["a confirmed", "new pending", "b confirmed", "a pending"]);
  });

  it("are none when somebody has closed or rewritten them", () => {
    const there = HEAD + row("a", YES) + row("b", "PENDING", "2026-11-25");
    assert.equal(closeSame(there, parseLog(HEAD + row("a") + row("b")), YES), there);
  });

  it("are found again between two logs", () => {
    const before = HEAD + row("a") + row("b") + row("c", YES);
    const after = HEAD + row("a", YES) + row("b") + row("c", YES) + row("d", YES);
    assert.deepEqual(
      closedBetween(before, after).map(({ secret, confirmed }) => `${secret} ${confirmed}`),
      [`a ${YES}`],
    );
  });
});

describe("a push that was refused", () => {
  const cases: readonly [string, string][] = [
    [" ! [rejected]        x -> main (fetch first)", "race"],
    [" ! [rejected]        x -> main (non-fast-forward)", "race"],
    [" ! [remote rejected] x -> main (cannot lock ref 'refs/heads/main': is at a but expected b)", "race"],
    ["remote: error: GH006: Protected branch update failed for refs/heads/main.", "protected"],
    ["remote: error: GH013: Repository rule violations found for refs/heads/main.", "protected"],
    [" ! [remote rejected] x -> main (protected branch hook declined)", "protected"],
  ];
  for (const [stderr, verdict] of cases) {
    it(`is ${verdict}: ${stderr}`, () => {
      assert.equal(judge({ code: 1, stderr }), verdict);
    });
  }

  it("for another reason is a fault, and what git said is not repeated", () => {
    const [line, ...more] = faultsOf(() => judge({ code: 128, stderr: "fatal: canary: 403" }));
    assert.match(line ?? "", /^origin: did not take the push of the rotation log\. Repair: give the App/);
    assert.deepEqual([more.length, line?.includes("canary")], [0, false]);
  });
});
