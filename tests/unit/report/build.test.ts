/** Proves how a report is put together from what comparison, inventory and log say, down to a repository that has nothing yet. */
import assert from "node:assert/strict";

import { placeReport, unreachableReport } from "../../../core/compare/report.js";
import { buildReport, type ReportInput } from "../../../core/report/build.js";
import { totalsOf, verdictText } from "../../../core/report/text.js";
import { ageOf } from "../../../core/rotation/due.js";
import { appendRows, confirmedAt, parseLog, PENDING, TO_ROTATE } from "../../../core/rotation/log.mjs";
import { samplePrint } from "../../support/secrets.js";
import { EMPTY_INPUT, entryOf, located, outsideOf, teamReport } from "../../support/report.js";

const GIT = samplePrint("a");
const THERE = samplePrint("b");
const FAULT = { where: "host h2", what: "is off", repair: "start it" };

/** One secret for two hosts, of which the first is as `names` says. */
function shared(names: Parameters<typeof placeReport>[3], more: Partial<ReportInput> = {}): ReportInput {
  const key = located("smtp_user", "shared");
  return {
    ...EMPTY_INPUT,
    seen: {
      ...EMPTY_INPUT.seen,
      placed: [{ key: key.key, name: "SMTP_USER", path: key.path, places: ["h1", "h2"] }],
      reports: [placeReport("host:h1", "verified", 1, names), placeReport("host:h2", "verified", 1, [])],
    },
    prints: new Map([["h1", new Map([["SMTP_USER", GIT]])]]),
    keys: [key],
    ...more,
  };
}

describe("a report", () => {
  it("of an empty repository is empty, and equal to git", () => {
    const report = buildReport(EMPTY_INPUT);
    assert.deepEqual(report, {
      at: "2026-11-26T08:15:00.000Z",
      stack: "prod",
      head: undefined,
      converged: undefined,
      isEqual: true,
      warnings: [],
      places: [],
      secrets: [],
      outside: [],
      rotations: [],
    });
    assert.equal(verdictText(report), "Every place is equal to git at (no commit).");
  });

  it("tells of a secret the worst of its places, and each of them", () => {
    const services = ["mailer"];
    const names = [{ name: "SMTP_USER", status: "stale process", git: GIT, there: THERE, services }] as const;
    const [secret] = buildReport(shared(names)).secrets;
    assert.deepEqual(secret, {
      name: "smtp_user",
      source: "shared",
      variable: "SMTP_USER",
      tier: 3,
      flagged: false,
      fingerprint: "aaaaaaaa",
      status: "stale process",
      confidence: "verified",
      places: [
        { place: "host:h1", status: "stale process", confidence: "verified", there: "bbbbbbbb", services },
        { place: "host:h2", status: "in sync", confidence: "verified" },
      ],
      age: { standing: "none" },
    });
  });

  it("knows no more of a secret than of the place that it knows least of", () => {
    const input = shared([]);
    const off = unreachableReport("host:h2", 1, FAULT);
    const reports = [...input.seen.reports.slice(0, 1), off];
    const { secrets, places, isEqual } = buildReport({ ...input, seen: { ...input.seen, reports } });
    assert.deepEqual([secrets[0]?.status, secrets[0]?.confidence, isEqual], ["unreachable", "unreachable", false]);
    assert.deepEqual(places.at(1)?.faults, ["host h2: is off. Repair: start it"]);
    assert.deepEqual(
      places.map(({ tiers }) => tiers),
      [
        { 1: 0, 2: 0, 3: 1 },
        { 1: 0, 2: 0, 3: 1 },
      ],
    );
  });

  it("says of the program's own secrets that they go nowhere, which is no status", () => {
    const [secret] = buildReport({ ...EMPTY_INPUT, keys: [located("sync_ssh_key", "stack")] }).secrets;
    const fields = {
      name: "sync_ssh_key",
      source: "stack",
      tier: 3,
      flagged: false,
      places: [],
      age: { standing: "none" },
    };
    assert.deepEqual(secret, fields);
  });

  it("keeps beside a place the names there that are no secrets of the sources", () => {
    const names = [
      { name: "SMTP_USER", status: "differs", git: GIT, there: THERE },
      { name: "TZ", status: "differs", git: THERE, there: GIT },
      { name: "GH_PAT", status: "foreign" },
    ] as const;
    const inventory = {
      secrets: new Map(),
      outside: new Map([
        ["GH_PAT", outsideOf({ tier: 2 })],
        ["OTHER", outsideOf()],
      ]),
    };
    const { places, outside } = buildReport(shared(names, { inventory }));
    assert.deepEqual(places[0]?.others, [
      { name: "GH_PAT", status: "foreign" },
      { name: "TZ", status: "differs", git: "bbbbbbbb", there: "aaaaaaaa" },
    ]);
    assert.deepEqual(
      outside.map(({ name, tier, still }) => [name, tier, still]),
      [
        ["GH_PAT", 2, ["host:h1"]],
        ["OTHER", 1, []],
      ],
    );
  });

  const today = "2026-11-26";
  const ages: readonly [changed: string | undefined, days: number, standing: string][] = [
    ["2026-11-26", 90, "in time"],
    ["2026-09-26", 90, "in time"],
    ["2026-09-11", 90, "soon"],
    ["2026-08-29", 90, "soon"],
    ["2026-08-28", 90, "overdue"],
    [undefined, 90, "unknown"],
  ];
  for (const [changed, days, standing] of ages) {
    it(`calls a secret of ${changed ?? "nobody knows when"} with ${String(days)} days ${standing}`, () => {
      const input = shared([]);
      const secret = input.keys[0] as (typeof input.keys)[number];
      const report = buildReport({ ...input, ages: [ageOf(secret, days, changed, today)] });
      assert.equal(report.secrets[0]?.age.standing, standing);
      const { overdue, soon } = totalsOf(report);
      assert.deepEqual([overdue, soon], [/overdue|unknown/.test(standing) ? 1 : 0, standing === "soon" ? 1 : 0]);
    });
  }

  it("takes the age of a secret without an interval from the log", () => {
    const log = appendRows("", [
      {
        date: "2026-11-16",
        secret: "smtp_user",
        reason: "r",
        rotator: "w",
        confirmed: confirmedAt("2026-11-16T10:00:00.5Z"),
      },
      { date: "2026-11-20", secret: "other", reason: "r", rotator: "w", confirmed: PENDING },
      { date: "2026-05-06", secret: "smtp_user", reason: "LLM", rotator: "", confirmed: TO_ROTATE },
    ]);
    const report = buildReport(shared([], { rows: parseLog(log) }));
    assert.deepEqual(report.secrets[0]?.age, { changed: "2026-11-16", days: 10, standing: "none" });
    assert.deepEqual(
      report.rotations.map(({ date, state, isChange, confirmed }) => [date, state, isChange, confirmed]),
      [
        ["2026-11-20", "pending", true, undefined],
        ["2026-11-16", "confirmed", true, "2026-11-16T10:00:00Z"],
        ["2026-05-06", "to rotate", false, undefined],
      ],
    );
    const { pending, toRotate } = totalsOf(report);
    assert.deepEqual([pending, toRotate], [1, 1]);
  });

  it("takes tier, issuer and owner from the inventory", () => {
    const entry = entryOf({ tier: 2, issuer: "Wasabi", owner: "radieu", flagged: true });
    const inventory = { secrets: new Map([["smtp_user", entry]]), outside: new Map() };
    const [secret] = buildReport(shared([], { inventory })).secrets;
    assert.deepEqual([secret?.tier, secret?.issuer, secret?.owner, secret?.flagged], [2, "Wasabi", "radieu", true]);
  });

  it("holds no whole fingerprint", () => {
    const text = JSON.stringify(teamReport(120));
    // A commit has 40 digits, a fingerprint 64.
    assert.deepEqual(text.match(/[0-9a-f]{41,}/g), null);
    assert.ok((text.match(/"fingerprint":"[0-9a-f]{8}"/g) ?? []).length >= 100);
  });
});
