import assert from "node:assert/strict";

import { cellOf, find, joined, NO_RESULTS } from "../../../bench/compare/results.js";

describe("benchmark: results", () => {
  const size = { hosts: 2, secrets: 20, rttMs: 0 };

  it("sums rounds up by medians, those of the parts too", () => {
    const rounds = [
      { ms: 30, parts: { start: 10, writing: 20 } },
      { ms: 90, parts: { start: 30, writing: 60 } },
      { ms: 50, parts: { start: 20, writing: 30 } },
    ];
    assert.deepEqual(cellOf(size, "up", rounds), {
      ...size,
      way: "up",
      times: [30, 90, 50],
      medianMs: 50,
      parts: { start: 20, writing: 30 },
    });
  });

  it("joins runs of different sizes, and says once what they share", () => {
    const run = (hosts: number, load: number) => ({
      ...NO_RESULTS,
      cells: [cellOf({ hosts, secrets: 20, rttMs: 0 }, "loop", [{ ms: hosts }])],
      alone: [{ what: "ssh", ms: load }],
      machine: ["2 processors"],
      loads: [load],
    });
    const both = joined(joined(NO_RESULTS, run(2, 0.5)), run(10, 1.5));
    assert.deepEqual(both.machine, ["2 processors"]);
    assert.deepEqual(both.loads, [0.5, 1.5]);
    assert.deepEqual(both.alone, [{ what: "ssh", ms: 0.5 }]);
    assert.equal(find(both, { hosts: 10, secrets: 20, rttMs: 0 }, "loop")?.medianMs, 10);
    assert.equal(find(both, { hosts: 50, secrets: 20, rttMs: 0 }, "loop"), undefined);
  });
});
