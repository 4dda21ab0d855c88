/**
 * Proves what the comparison says about each way in which a repository's secret can stand to git. Values cannot be read
 * back from GitHub: "in sync" rests on the ledger and on GitHub's time of the last write, never on content.
 */
import assert from "node:assert/strict";

import { compareFormerRepository, compareRepository, type LedgerEntry } from "../../../core/compare/github.js";
import { isConverged, type NameReport } from "../../../core/compare/report.js";
import { ROOTS_OF_TRUST } from "../../../core/model/names.js";
import { samplePrint } from "../../support/secrets.js";

const GIT = samplePrint("a");
const FORMER = samplePrint("b");
const PRESENT = "present-k";
const MONDAY = "2026-01-05T10:00:00Z";
const TUESDAY = "2026-01-06T10:00:00Z";

interface Case {
  readonly title: string;
  readonly git?: typeof GIT;
  /** GitHub's `updated_at`; left out: the secret is not there. */
  readonly there?: string;
  readonly entry?: LedgerEntry;
  readonly expected: Omit<NameReport, "name"> | "in sync" | "not reported";
}

const CASES: readonly Case[] = [
  {
    title: "git's value was our last write, and nobody wrote since",
    git: GIT,
    there: MONDAY,
    entry: { fingerprint: GIT, keyId: PRESENT, updatedAt: MONDAY },
    expected: "in sync",
  },
  {
    title: "git has a new value",
    git: GIT,
    there: MONDAY,
    entry: { fingerprint: FORMER, keyId: PRESENT, updatedAt: MONDAY },
    expected: { status: "differs", git: GIT, there: FORMER },
  },
  {
    title: "somebody else wrote since",
    git: GIT,
    there: TUESDAY,
    entry: { fingerprint: GIT, keyId: PRESENT, updatedAt: MONDAY },
    expected: { status: "differs", git: GIT },
  },
  {
    title: "both changed",
    git: GIT,
    there: TUESDAY,
    entry: { fingerprint: FORMER, keyId: PRESENT, updatedAt: MONDAY },
    expected: { status: "differs", git: GIT },
  },
  {
    title: "GitHub's time went back (restored, or its clock)",
    git: GIT,
    there: MONDAY,
    entry: { fingerprint: GIT, keyId: PRESENT, updatedAt: TUESDAY },
    expected: { status: "differs", git: GIT },
  },
  {
    title: "the fingerprint key changed, so the entry says nothing",
    git: GIT,
    there: MONDAY,
    entry: { fingerprint: GIT, keyId: "former-k", updatedAt: MONDAY },
    expected: { status: "differs", git: GIT },
  },
  { title: "never written", git: GIT, expected: { status: "missing", git: GIT } },
  {
    title: "deleted behind our back",
    git: GIT,
    entry: { fingerprint: GIT, keyId: PRESENT, updatedAt: MONDAY },
    expected: { status: "missing", git: GIT },
  },
  { title: "there before our first write", git: GIT, there: MONDAY, expected: { status: "adopted", git: GIT } },
  { title: "neither git's nor ours", there: MONDAY, expected: { status: "foreign" } },
  {
    title: "ours, and git no longer wants it",
    there: MONDAY,
    entry: { fingerprint: GIT, keyId: PRESENT, updatedAt: MONDAY },
    expected: { status: "orphan" },
  },
  {
    title: "ours, overwritten by somebody, and git no longer wants it",
    there: TUESDAY,
    entry: { fingerprint: GIT, keyId: PRESENT, updatedAt: MONDAY },
    expected: { status: "orphan" },
  },
  {
    title: "ours, gone, and git no longer wants it",
    entry: { fingerprint: GIT, keyId: PRESENT, updatedAt: MONDAY },
    expected: "not reported",
  },
];

function mapOf<T>(name: string, value: T | undefined): Map<string, T> {
  return value === undefined ? new Map() : new Map([[name, value]]);
}

describe("a repository compared with git", () => {
  for (const { title, git, there, entry, expected } of CASES) {
    const says = typeof expected === "string" ? expected : expected.status;
    it(`${title}: ${says}`, () => {
      const seen = { secrets: mapOf("NAME", there) };
      const report = compareRepository("o/r", mapOf("NAME", git), { seen }, mapOf("NAME", entry), PRESENT);
      assert.deepEqual(report, {
        place: "github:o/r",
        status: typeof expected === "string" || expected.status === "foreign" ? "in sync" : expected.status,
        confidence: "recorded",
        counts: expected === "not reported" ? {} : { [says]: 1 },
        names: typeof expected === "string" ? [] : [{ name: "NAME", ...expected }],
        faults: [],
        notes: [],
      });
    });
  }

  it("does not list the roots of trust, which only GitHub holds", () => {
    const secrets = new Map([...ROOTS_OF_TRUST].map((name) => [name, MONDAY]));
    const report = compareRepository("o/r", new Map(), { seen: { secrets } }, new Map(), PRESENT);
    assert.deepEqual(report.names, []);
    assert.equal(report.status, "in sync");
  });

  it("that could not be asked is unreachable, with git's names counted and the repair", () => {
    const fault = { where: "GitHub o/r", what: "does not answer", repair: "wait" };
    const ledger = mapOf("GONE", { fingerprint: GIT, keyId: PRESENT, updatedAt: MONDAY });
    const report = compareRepository("o/r", mapOf("NAME", GIT), { unreachable: fault }, ledger, PRESENT);
    assert.deepEqual(report, {
      place: "github:o/r",
      status: "unreachable",
      confidence: "unreachable",
      counts: { unreachable: 1 },
      names: [],
      faults: [fault],
      notes: [],
    });
    assert.equal(isConverged(report), false);
  });

  it("that left the settings is listed by name until it is retired, and keeps nobody from converging", () => {
    const report = compareFormerRepository("o/old", ["A", "B"]);
    assert.deepEqual(report, {
      place: "github:o/old",
      status: "orphan",
      confidence: "present",
      counts: { orphan: 2 },
      names: [],
      faults: [],
      notes: ["no longer in the settings; these stay until they are retired by name: A, B"],
    });
    assert.equal(isConverged(report), true);
  });
});
