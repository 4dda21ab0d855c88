/** Proves which rows of the log a comparison closes, and what each of the others is said to wait for. */
import assert from "node:assert/strict";

import { compareFormerRepository } from "../../../core/compare/github.js";
import { type NameReport, placeReport, type PlaceReport, unreachableReport } from "../../../core/compare/report.js";
import type { PlacedSecret } from "../../../core/model/desired.js";
import { decide } from "../../../core/rotation/confirm.js";
import { TAKEN_OVER } from "../../../core/rotation/due.js";
import { appendRows, type NewRow, parseLog, PENDING, TO_ROTATE } from "../../../core/rotation/log.mjs";

const FAULT = { where: "host x", what: "is off", repair: "start it" };
const PLACED: readonly PlacedSecret[] = [
  { key: "both", name: "BOTH", path: "secrets/shared.sops.yaml", places: ["vps-i1", "vps-h1"] },
  { key: "one", name: "ONE", path: "secrets/vps-i1.sops.yaml", places: ["vps-i1"] },
  { key: "same", name: "SAME", path: "secrets/vps-i1.sops.yaml", places: ["vps-i1"] },
  { key: "same", name: "SAME", path: "secrets/vps-h1.sops.yaml", places: ["vps-h1"] },
  { key: "hub", name: "HUB", path: "secrets/github-actions.sops.yaml", places: ["github"] },
  { key: "renamed", name: "OTHER", path: "secrets/shared.sops.yaml", places: ["vps-i1", "github"] },
];

const differs = (name: string): NameReport => ({ name, status: "differs" });
const stale = (name: string): NameReport => ({ name, status: "stale process", services: ["web"] });
const host = (name: string, names: readonly NameReport[] = []) => placeReport(`host:${name}`, "verified", 9, names);
const github = (names: readonly NameReport[] = []) => placeReport("github:o/r", "recorded", 9, names);
const SYNCED = [github(), host("vps-i1"), host("vps-h1")];
const OFF = unreachableReport("host:vps-h1", 9, FAULT);
const BLOCKED = placeReport("host:vps-i1", "verified", 9, [], [FAULT]);
const DOWN = placeReport("host:vps-i1", "verified", 9, [], [], ["service web is exited"]);

const row = (secret: string, confirmed = PENDING, reason = "r"): NewRow => ({
  date: "d",
  secret,
  reason,
  rotator: "w",
  confirmed,
});

/** `name` for a row that is closed, `name: why` for one that waits. */
function decided(
  rows: readonly NewRow[],
  reports: readonly PlaceReport[],
  committed = rows,
  changedOn: readonly (readonly [string, string])[] = [],
): string[] {
  const all = parseLog(appendRows("", rows));
  const verdict = decide(all, parseLog(appendRows("", committed)), PLACED, ["signing"], reports, new Map(changedOn));
  const lines = [
    ...verdict.close.map(({ line, secret }) => [line, secret] as const),
    ...verdict.waiting.map(({ row: { line, secret }, why }) => [line, `${secret}: ${why}`] as const),
  ];
  return lines.sort(([a], [b]) => a - b).map(([, text]) => text);
}

describe("an open row", () => {
  const cases: readonly [title: string, reports: readonly PlaceReport[], secret: string, expected: string][] = [
    ["every place in sync", SYNCED, "both", "both"],
    [
      "one of its two places differs",
      [host("vps-i1", [differs("BOTH")]), host("vps-h1")],
      "both",
      "both: host:vps-i1 differs",
    ],
    [
      "both of them differ",
      [host("vps-i1", [differs("BOTH")]), host("vps-h1", [stale("BOTH")])],
      "both",
      "both: host:vps-i1 differs, host:vps-h1 stale process",
    ],
    ["one of its two places is down", [host("vps-i1"), OFF], "both", "both: host:vps-h1 unreachable"],
    ["another place is down", [host("vps-i1"), OFF], "one", "one"],
    ["another name differs at its place", [host("vps-i1", [differs("BOTH")])], "one", "one"],
    ["its place is blocked", [BLOCKED], "one", "one: host:vps-i1 has something to repair"],
    ["a service is down at its place", [DOWN], "one", "one: host:vps-i1 has something to repair"],
    [
      "a key of two sources: both count",
      [host("vps-i1"), host("vps-h1", [differs("SAME")])],
      "same",
      "same: host:vps-h1 differs",
    ],
    [
      "one of the two, by its source",
      [host("vps-i1"), host("vps-h1", [differs("SAME")])],
      "vps-i1/same",
      "vps-i1/same",
    ],
    [
      "its name at the places is another one",
      [host("vps-i1", [differs("OTHER")]), github()],
      "renamed",
      "renamed: host:vps-i1 differs",
    ],
    ["GitHub differs", [github([differs("HUB")])], "hub", "hub: github:o/r differs"],
    [
      "one of two repositories",
      [github(), placeReport("github:o/s", "recorded", 0, [differs("HUB")])],
      "hub",
      "hub: github:o/s differs",
    ],
    [
      "a repository that left the settings holds nothing up",
      [github(), compareFormerRepository("o/old", ["HUB"])],
      "hub",
      "hub",
    ],
    ["a foreign secret at GitHub holds nothing up", [github([{ name: "X", status: "foreign" }])], "hub", "hub"],
    [
      "the program's own value: everything counts",
      [github([differs("HUB")]), ...SYNCED],
      "signing",
      "signing: github:o/r differs",
    ],
    ["the program's own value, everything in sync", SYNCED, "signing", "signing"],
    ["a secret that git does not know", SYNCED, "gone", "gone: no source has this key"],
    ["a root of trust, rotated by hand", SYNCED, "AGE_KEY_GHA", "AGE_KEY_GHA: no source has this key"],
  ];
  for (const [title, reports, secret, expected] of cases) {
    it(`${title}: ${expected === secret ? "closed" : "waits"}`, () => {
      assert.deepEqual(decided([row(secret)], reports), [expected]);
    });
  }

  it("that is not committed waits, each of several equal ones for itself", () => {
    const rows = [row("one"), row("one"), row("both")];
    assert.deepEqual(decided(rows, SYNCED, [row("one")]), [
      "one",
      "one: the row is not committed",
      "both: the row is not committed",
    ]);
    assert.deepEqual(decided(rows, SYNCED), ["one", "one", "both"]);
  });

  const days: readonly [date: string, changed: string, isClosed: boolean][] = [
    ["2026-11-26", "2026-11-26", true],
    ["2026-11-26", "2026-12-01", true],
    ["2026-11-26", "2026-11-25", true],
    ["2026-11-26", "2026-11-24", false],
    ["2026-03-01", "2026-02-28", true],
    ["26.11.2026", "2026-01-01", true],
  ];
  for (const [date, changed, isClosed] of days) {
    it(`of ${date} ${isClosed ? "may be" : "is not"} about a value of ${changed}`, () => {
      const why = `one: the value is that of ${changed}: it was not changed since`;
      const rows = [{ ...row("one"), date }];
      assert.deepEqual(decided(rows, SYNCED, rows, [["one", changed]]), [isClosed ? "one" : why]);
    });
  }

  it("that is closed, or a person's, is left alone", () => {
    assert.deepEqual(decided([row("one", "yes"), row("one", "n/a")], SYNCED), []);
  });
});

describe("a row that asks for a rotation", () => {
  const cases: readonly [
    title: string,
    rows: readonly NewRow[],
    reports: readonly PlaceReport[],
    expected: string[],
  ][] = [
    ["alone waits for somebody", [row("one", TO_ROTATE)], SYNCED, ["one: nobody has rotated it yet"]],
    ["names no secret", [row("flagged 1 of 6", TO_ROTATE)], SYNCED, ["flagged 1 of 6: nobody has rotated it yet"]],
    ["is closed with the rotation behind it", [row("one", TO_ROTATE), row("one")], SYNCED, ["one", "one"]],
    [
      "waits as long as that one does",
      [row("one", TO_ROTATE), row("one")],
      [BLOCKED],
      ["one: nobody has rotated it yet", "one: host:vps-i1 has something to repair"],
    ],
    ["is closed by one that was confirmed before", [row("one", TO_ROTATE), row("one", "yes")], SYNCED, ["one"]],
    [
      "is not closed by one before it",
      [row("one", "yes"), row("one", TO_ROTATE)],
      SYNCED,
      ["one: nobody has rotated it yet"],
    ],
    [
      "is not closed by another secret's",
      [row("one", TO_ROTATE), row("both")],
      SYNCED,
      ["one: nobody has rotated it yet", "both"],
    ],
    [
      "is not closed by a row without a new value",
      [row("one", TO_ROTATE), row("one", "yes", TAKEN_OVER)],
      SYNCED,
      ["one: nobody has rotated it yet"],
    ],
    [
      "is not closed by another one that asks",
      [row("one", TO_ROTATE), row("one", TO_ROTATE)],
      SYNCED,
      ["one: nobody has rotated it yet", "one: nobody has rotated it yet"],
    ],
  ];
  for (const [title, rows, reports, expected] of cases) {
    it(title, () => {
      assert.deepEqual(decided(rows, reports), expected);
    });
  }
});
