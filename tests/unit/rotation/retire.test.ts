/** Proves which former copies at GitHub may be deleted, and what hinders the others. The clock is the test's. */
import assert from "node:assert/strict";

import { placeReport } from "../../../core/compare/report.js";
import { renderFault } from "../../../core/fault.js";
import { TAKEN_OVER } from "../../../core/rotation/due.js";
import { appendRows, confirmedAt, parseLog, PENDING } from "../../../core/rotation/log.mjs";
import { type Case, type Copy, linesUsing, retireFaults } from "../../../core/rotation/retire.js";

const NOW = new Date("2026-11-26T12:00:00Z");
const YESTERDAY = "2026-11-25T12:00:00Z";
const TOO_LATE = "2026-11-25T12:00:01Z";
const WAIT = "Repair: wait until 2026-11-26T12:00:01Z";

const copy = (status: Copy["status"], updatedAt = YESTERDAY): Copy => ({ repository: "o/r", status, updatedAt });
const rows = (...confirmed: readonly [string, string?][]) =>
  parseLog(
    appendRows(
      "",
      confirmed.map(([cell, reason = "r"]) => ({ date: "d", secret: "a", reason, rotator: "w", confirmed: cell })),
    ),
  );
const OWNED = [{ key: "a", name: "A", path: "secrets/vps-i1.sops.yaml", places: ["vps-i1"] }];
const SYNCED = [placeReport("host:vps-i1", "verified", 1, [])];
const DIFFERS = [placeReport("host:vps-i1", "verified", 0, [{ name: "A", status: "differs" }])];

const BASE: Case = {
  name: "A",
  copies: [copy("foreign")],
  placed: OWNED,
  reports: SYNCED,
  rows: rows([confirmedAt(YESTERDAY)]),
  users: [],
  isUnknownMeant: false,
  now: NOW,
};

const IN_SYNC_SINCE = `secrets/vps-i1.sops.yaml: a: is known to be in sync since ${TOO_LATE}, less than 24 hours ago. ${WAIT}`;
const UNKNOWN =
  "GitHub: A: is no secret of git, so nothing is known of what needs it. Repair: p24 add NAME --to SOURCE takes it over; to delete it all the same: --unknown";

describe("a former copy at GitHub", () => {
  const cases: readonly [title: string, more: Partial<Case>, faults: string[]][] = [
    ["its successor in sync for 24 hours", {}, []],
    ["a second less", { rows: rows([confirmedAt(TOO_LATE)]) }, [IN_SYNC_SINCE]],
    [
      "the last of several confirmations counts",
      { rows: rows([confirmedAt(TOO_LATE)], [confirmedAt(YESTERDAY)]) },
      [IN_SYNC_SINCE],
    ],
    ["taken over, without a new value", { rows: rows([confirmedAt(YESTERDAY), TAKEN_OVER]) }, []],
    [
      "a rotation is pending",
      { rows: rows([confirmedAt(YESTERDAY)], [PENDING]) },
      ["secrets/vps-i1.sops.yaml: a: has a rotation that is not confirmed. Repair: p24 confirm"],
    ],
    [
      "confirmed by a person, without a time",
      { rows: rows(["yes"]) },
      [
        "secrets/vps-i1.sops.yaml: a: is in sync now, and the log does not say since when. Repair: p24 confirm a writes it down; 24 hours later: p24 retire A",
      ],
    ],
    [
      "its successor differs",
      { reports: DIFFERS },
      ["secrets/vps-i1.sops.yaml: a: is not in sync: host:vps-i1 differs. Repair: npm run up"],
    ],
    [
      "a root of trust",
      { name: "VPS_ROOT_SSH_KEY" },
      [
        "GitHub: VPS_ROOT_SSH_KEY: is a root of trust: the sync works with it, and it can live nowhere else. Repair: leave it; p24 rekey replaces an identity",
      ],
    ],
    [
      "a workflow uses it",
      { users: [".github/workflows/a.yml:7"] },
      [".github/workflows/a.yml:7: A: still uses the secret. Repair: change the workflow first"],
    ],
    ["nothing in git has the name", { placed: [] }, [UNKNOWN]],
    ["and it is meant", { placed: [], isUnknownMeant: true }, []],
    [
      "and it was written lately",
      { placed: [], isUnknownMeant: true, copies: [copy("foreign", TOO_LATE)] },
      [`GitHub o/r: A: was last written at ${TOO_LATE}, less than 24 hours ago. ${WAIT}`],
    ],
    ["ours once, and git no longer wants it", { placed: [], copies: [copy("orphan")] }, []],
    ["in a repository that left the settings", { placed: [], copies: [copy("former")] }, []],
    ["there is none", { placed: [], copies: [] }, []],
    [
      "everything at once is told",
      { users: ["w:1"], reports: DIFFERS },
      [
        "w:1: A: still uses the secret. Repair: change the workflow first",
        "secrets/vps-i1.sops.yaml: a: is not in sync: host:vps-i1 differs. Repair: npm run up",
      ],
    ],
  ];
  for (const [title, more, faults] of cases) {
    it(`${title}: ${faults.length === 0 ? "may go" : "stays"}`, () => {
      assert.deepEqual(retireFaults({ ...BASE, ...more }).map(renderFault), faults);
    });
  }

  const uses: readonly [string, number[]][] = [
    ["a: ${{ secrets.A }}", [1]],
    ["x\r\na: ${{secrets['A']}}\r\n", [2]],
    ['a: ${{ secrets[ "A" ] }}', [1]],
    ["a: ${{ Secrets.a }}", [1]],
    ["a: ${{ secrets.AB }}", []],
    ["a: ${{ vars.A }}", []],
    ["A: secrets", []],
  ];
  for (const [workflow, lines] of uses) {
    it(`is ${lines.length === 0 ? "not " : ""}used by ${JSON.stringify(workflow)}`, () => {
      assert.deepEqual(linesUsing(workflow, "A"), lines);
    });
  }
});
