import assert from "node:assert/strict";

import { plotOf, writePage } from "../../../bench/compare/page.js";
import { cellOf } from "../../../bench/compare/results.js";

describe("benchmark: page", () => {
  const took = (ms: number, count = 3) => Array.from({ length: count }, () => ({ ms, parts: { start: ms } }));
  const results = {
    cells: [
      cellOf({ hosts: 10, secrets: 20, rttMs: 0 }, "loop", took(4000)),
      cellOf({ hosts: 10, secrets: 20, rttMs: 0 }, "up", took(2000, 2)),
    ],
    memory: [{ hosts: 10, secrets: 20, rttMs: 0, way: "up", peakMb: 500, byProgramMb: { node: 400, sh: 2 } }],
    alone: [{ what: "ssh HOST true", ms: 200 }],
    refusals: [],
    machine: ["2 processors"],
    loads: [0.25, 1],
  };
  const ways = [
    { name: "loop", title: "bash loop", ours: false },
    { name: "up", title: "ours", ours: true },
  ];
  const verdicts = [{ text: "faster", measured: 2, limit: 1, met: true }];
  const page = "# Before\n\n<!-- results -->\nformer\n<!-- end of results -->\n\nAfter $1\n";

  it("puts table, plot, machine, load, memory and limits into its part and leaves the rest alone", () => {
    const written = writePage(page, results, ways, verdicts);
    assert.match(written, /^# Before\n\n<!-- results -->\n/);
    assert.match(written, /<!-- end of results -->\n\nAfter \$1\n$/);
    assert.doesNotMatch(written, /former/);
    for (const part of [
      "- 2 processors\n- load 0.3 to 1.0 before each size was begun",
      "`ssh HOST true` 200 ms",
      "(benchmarks.svg)",
      "Medians of 3 rounds",
      "| bash loop | 4.00 s |",
      "| ours | 2.00 s (0.50), 2 rounds |",
      "| 10 | 20 | 2.00 s |",
      "up, 10 hosts, 20 secrets: peak 500 MB (each at its own: node 400)",
      "met     faster: 2, limit 1",
    ]) {
      assert.ok(written.includes(part), part);
    }
    assert.equal(writePage(written, results, ways, verdicts), written, "again");
  });

  it("refuses a page without a place for them", () => {
    assert.throws(() => writePage("# Nothing\n", results, ways, verdicts), /has no <!-- results --> part/);
  });

  it("draws a panel a number of secrets, with a line a way that was measured", () => {
    const svg = plotOf(
      { ...results, cells: [...results.cells, cellOf({ hosts: 2, secrets: 100, rttMs: 0 }, "up", took(1))] },
      ways,
    );
    assert.deepEqual(
      [...svg.matchAll(/>(\d+ secrets)</g)].map(([, title]) => title),
      ["20 secrets", "100 secrets"],
    );
    assert.equal([...svg.matchAll(/<circle/g)].length, 3);
  });
});
