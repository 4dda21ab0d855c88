/** Proves when a secret is over its interval, and which rows of the log tell when it was changed. */
import assert from "node:assert/strict";

import { ageOf, dayOf, lastChange, TAKEN_OVER } from "../../../core/rotation/due.js";
import type { Located } from "../../../core/rotation/locate.js";
import { appendRows, parseLog, PENDING, TO_ROTATE } from "../../../core/rotation/log.mjs";

const SECRET: Located = { key: "a", source: "vps-i1", path: "secrets/vps-i1.sops.yaml", row: "a" };

describe("an interval", () => {
  const cases: readonly [
    changed: string | undefined,
    days: number,
    today: string,
    due: string | undefined,
    isOver: boolean,
  ][] = [
    ["2026-11-26", 90, "2026-11-26", "2027-02-24", false],
    ["2026-11-26", 90, "2027-02-23", "2027-02-24", false],
    ["2026-11-26", 90, "2027-02-24", "2027-02-24", true],
    ["2026-11-26", 90, "2028-01-01", "2027-02-24", true],
    ["2028-02-28", 1, "2028-02-28", "2028-02-29", false],
    ["2026-03-28", 2, "2026-03-29", "2026-03-30", false],
    [undefined, 90, "2026-11-26", undefined, true],
  ];
  for (const [changed, days, today, due, isOver] of cases) {
    it(`of ${String(days)} days from ${changed ?? "nobody knows when"} is ${isOver ? "over" : "not over"} on ${today}`, () => {
      const age = ageOf(SECRET, days, changed, today);
      assert.deepEqual([age.due, age.isOver], [due, isOver]);
    });
  }

  it("ends on a day of UTC", () => {
    assert.equal(dayOf(new Date("2026-11-26T23:59:59.999Z")), "2026-11-26");
  });
});

describe("the last change of a secret", () => {
  const rows = (...cells: readonly (readonly [date: string, secret: string, confirmed?: string, reason?: string])[]) =>
    parseLog(
      appendRows(
        "",
        cells.map(([date, secret, confirmed = "yes", reason = "r"]) => ({
          date,
          secret,
          confirmed,
          reason,
          rotator: "w",
        })),
      ),
    );
  const cases: readonly [string, ReturnType<typeof rows>, string | undefined][] = [
    ["no row", [], undefined],
    ["another's row", rows(["2026-01-01", "b"]), undefined],
    ["the newest day, wherever it stands", rows(["2026-03-01", "a"], ["2026-01-01", "a"]), "2026-03-01"],
    ["a pending one counts", rows(["2026-03-01", "a", PENDING]), "2026-03-01"],
    ["one that is to be done does not", rows(["2026-03-01", "a", TO_ROTATE]), undefined],
    ["one without a new value does not", rows(["2026-03-01", "a", "yes", TAKEN_OVER]), undefined],
    ["a retired copy at GitHub does not", rows(["2026-03-01", "A"]), undefined],
    ["its source in the name", rows(["2026-03-01", "vps-i1/a"], ["2026-04-01", "vps-h1/a"]), "2026-03-01"],
    ["a date that is none", rows(["26.11.2026", "a"], ["", "a"]), undefined],
  ];
  for (const [title, log, expected] of cases) {
    it(`${title}: ${expected ?? "unknown"}`, () => {
      assert.equal(lastChange(log, SECRET), expected);
    });
  }
});
