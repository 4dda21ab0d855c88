import assert from "node:assert/strict";

import { verdicts } from "../../../bench/compare/limits.js";
import { cellOf, type Memory, NO_RESULTS } from "../../../bench/compare/results.js";

describe("benchmark: limits", () => {
  const cell = (hosts: number, way: string, ms: number) => cellOf({ hosts, secrets: 20, rttMs: 0 }, way, [{ ms }]);
  const results = (cells: ReturnType<typeof cell>[], memory: Memory[] = [], refusals: string[] = []) => ({
    ...NO_RESULTS,
    cells,
    memory,
    refusals,
  });
  const met = (...given: Parameters<typeof results>) => verdicts(results(...given)).map((verdict) => verdict.met);

  for (const [cells, expected] of [
    [[cell(10, "loop", 1001), cell(10, "up", 1000)], true],
    [[cell(10, "loop", 1000), cell(10, "up", 1000)], false],
    [[cell(50, "loop", 5000), cell(50, "up", 1000)], true],
    [[cell(50, "loop", 4999), cell(50, "up", 1000)], false],
    [[cell(50, "ansible", 10_000), cell(50, "up", 1000)], true],
    [[cell(50, "ansible", 9999), cell(50, "up", 1000)], false],
    [[cell(50, "xargs", 1000), cell(50, "up", 1600)], true],
    [[cell(50, "xargs", 1000), cell(50, "up", 1601)], false],
  ] as const) {
    const text = cells.map(({ way, medianMs }) => `${way} ${String(medianMs)} ms`).join(", ");
    it(`${expected ? "is met" : "is missed"} at ${String(cells[0].hosts)} hosts with ${text}`, () => {
      assert.deepEqual(met([...cells]), [expected, true]);
    });
  }

  it("compares ways at the same distance only", () => {
    const far = cellOf({ hosts: 10, secrets: 20, rttMs: 90 }, "loop", [{ ms: 5000 }]);
    assert.deepEqual(met([far, cell(10, "up", 2000)]), [true]);
    const farUp = cellOf({ hosts: 10, secrets: 20, rttMs: 90 }, "up", [{ ms: 2500 }]);
    const [verdict] = verdicts(results([far, farUp, cell(10, "up", 9000), cell(10, "loop", 1)]));
    assert.deepEqual([verdict?.met, verdict?.text.includes("away")], [false, false]);
    const last = verdicts(results([far, farUp]))[0];
    assert.deepEqual([last?.met, last?.measured], [true, 2]);
    assert.match(last?.text ?? "", /\(20 secrets, hosts 90 ms away\)$/);
  });

  it("says nothing of what was not measured", () => {
    assert.deepEqual(met([cell(2, "loop", 1), cell(2, "up", 9), cell(50, "up", 9)]), [true]);
  });

  it("holds memory and refused connections against theirs", () => {
    const memory = (peakMb: number) => ({ hosts: 50, secrets: 1000, rttMs: 0, way: "up", peakMb, byProgramMb: {} });
    assert.deepEqual(met([], [memory(1023), memory(1024)], ["drop connection #1"]), [true, false, false]);
  });
});
