/**
 * Proves that the calculated table of docs/scale.md follows from its formula and from the constants that stand above it. That
 * these are right is for benchmarks to show.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { HOSTS_AT_ONCE } from "../../core/observe/atOnce.js";

const DOCUMENT = readFileSync(join(__dirname, "../../docs/scale.md"), "utf8");
const BUDGET_S = 300;

type Constants = Readonly<Record<"R" | "F" | "c" | "P" | "a" | "J" | "q0" | "q" | "t" | "k" | "s" | "B", number>>;

const UNITS: Readonly<Record<string, number>> = { s: 1, KB: 1e3, "MB/s": 1e6 };

/** The signs of the table of constants, in seconds and bytes. */
function constants(): Constants {
  const rows = DOCUMENT.matchAll(/^\| `(\w+)` +\|[^|]+\| +([\d.]+)(?: (s|KB|MB\/s))?\b[^|]*\|/gm);
  const found = [...rows].map(([, sign = "", value, unit = ""]) => [sign, Number(value) * (UNITS[unit] ?? 1)] as const);
  return Object.fromEntries(found) as Constants;
}

/** T(N). `saving`: 0 when the engine saves its state at the end only. */
function seconds(hosts: number, { R, F, c, P, a, J, q0, q, t, k, s, B }: Constants, saving = 1): number {
  const writing = Math.max(a * Math.ceil(hosts / J), saving * hosts * (q * t + (k * hosts * s) / B));
  return R + F + q0 * t + (hosts * c) / P + writing;
}

function cells(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

describe("docs/scale.md", () => {
  const known = constants();
  const columns: ((hosts: number) => number)[] = [
    (hosts) => seconds(hosts, known),
    (hosts) => seconds(hosts, { ...known, P: 2 }),
    (hosts) => seconds(hosts, { ...known, a: 60 }),
    (hosts) => seconds(hosts, { ...known, t: 0.01, B: 50e6 }),
    (hosts) => seconds(hosts, known, 0),
  ];

  it("has every constant of its formula", () => {
    assert.deepEqual(Object.keys(known).sort(), ["B", "F", "J", "P", "R", "a", "c", "k", "q", "q0", "s", "t"]);
    assert.ok(Object.values(known).every((value) => value > 0));
  });

  it("has the program's own number of hosts at once", () => {
    assert.equal(known.J, HOSTS_AT_ONCE);
  });

  it("calculates its table with them", () => {
    const [, table = ""] = /<!-- calculated: .+ -->\n([\s\S]+)<!-- end of calculated -->/.exec(DOCUMENT) ?? [];
    const [head, , ...rows] = table.trim().split("\n").map(cells);
    assert.deepEqual(head, [
      "hosts",
      "as above",
      "P = 2",
      "a = 60 s",
      "t = 10 ms, B = 50 MB/s",
      "state saved at the end only",
    ]);
    const last = rows.pop();
    assert.ok(rows.length > 5);
    for (const [hosts = "", ...found] of rows) {
      assert.deepEqual(
        found,
        columns.map((column) => String(Math.round(column(Number(hosts))))),
        `${hosts} hosts`,
      );
    }
    const largest = columns.map((column) => {
      let hosts = 1;
      while (column(hosts + 1) <= BUDGET_S) {
        hosts += 1;
      }
      return String(hosts);
    });
    assert.deepEqual(last, ["most hosts in 300 s", ...largest]);
  });
});
