import assert from "node:assert/strict";

import { cellOf, find, inOrder, joined, NO_RESULTS } from "../../../bench/compare/results.js";

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

  it("has one order, whatever was measured first", () => {
    const sizes = [
      { hosts: 2, secrets: 20, rttMs: 90 },
      { hosts: 50, secrets: 20, rttMs: 0 },
      { hosts: 2, secrets: 100, rttMs: 0 },
      { hosts: 10, secrets: 20, rttMs: 0 },
    ];
    const cells = sizes.flatMap((one) => [cellOf(one, "loop", [{ ms: 1 }]), cellOf(one, "up", [{ ms: 2 }])]);
    assert.deepEqual(
      inOrder({ ...NO_RESULTS, cells }).cells.map(({ hosts, secrets, rttMs, way }) =>
        [rttMs, secrets, hosts, way].join(" "),
      ),
      ["0 20 10", "0 20 50", "0 100 2", "90 20 2"].flatMap((one) => [`${one} loop`, `${one} up`]),
    );
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
