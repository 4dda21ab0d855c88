/** Proves what counts as converged, and what a place's report becomes once its writes were confirmed. */
import assert from "node:assert/strict";

import {
  isConverged,
  type NameReport,
  notAskedReport,
  placeReport,
  settled,
  type Status,
} from "../../../core/compare/report.js";

const FAULT = { where: "host h", what: "is odd", repair: "look" };

function named(...statuses: NameReport["status"][]): NameReport[] {
  return statuses.map((status, index) => ({ name: `N${String(index)}`, status }));
}

describe("the status of a place", () => {
  const cases: readonly [NameReport["status"][], Status][] = [
    [[], "in sync"],
    [["foreign"], "in sync"],
    [["foreign", "adopted"], "adopted"],
    [["adopted", "orphan"], "orphan"],
    [["orphan", "stale process"], "stale process"],
    [["stale process", "missing"], "missing"],
    [["missing", "differs", "orphan"], "differs"],
  ];
  for (const [statuses, expected] of cases) {
    it(`with ${statuses.join(", ") || "nothing to say"} is ${expected}`, () => {
      assert.equal(placeReport("p", "verified", 0, named(...statuses)).status, expected);
    });
  }

  it("is the worst of its names, a fault or a note makes it differ", () => {
    assert.equal(placeReport("p", "verified", 1, [], [FAULT]).status, "differs");
    assert.equal(placeReport("p", "verified", 1, [], [], ["odd"]).status, "differs");
  });

  it("has its names sorted, whatever order they came in", () => {
    const names: NameReport[] = ["C", "A", "B"].map((name) => ({ name, status: "missing" }));
    assert.deepEqual(
      placeReport("p", "verified", 0, names).names.map(({ name }) => name),
      ["A", "B", "C"],
    );
  });
});

describe("a place is converged", () => {
  it("when it is in sync, foreign secrets or not", () => {
    assert.equal(isConverged(placeReport("p", "recorded", 3, [])), true);
    assert.equal(isConverged(placeReport("p", "recorded", 3, named("foreign"))), true);
  });

  for (const status of ["differs", "missing", "orphan", "stale process", "adopted"] as const) {
    it(`but not when a name is ${status}`, () => {
      assert.equal(isConverged(placeReport("p", "recorded", 3, named(status))), false);
    });
  }

  it("but not when a person must repair something, although every value is right", () => {
    assert.equal(isConverged(placeReport("p", "verified", 3, [], [FAULT])), false);
  });
});

describe("after every write was confirmed", () => {
  it("what was to be written is in sync, what was to be taken away is gone, what is foreign stays", () => {
    const before = placeReport(
      "github:o/r",
      "recorded",
      2,
      named("differs", "missing", "adopted", "stale process", "orphan", "foreign"),
      [],
      ["an apply was begun and not finished"],
    );
    assert.deepEqual(settled(before), {
      place: "github:o/r",
      status: "in sync",
      confidence: "recorded",
      counts: { "in sync": 6, foreign: 1 },
      names: [{ name: "N5", status: "foreign" }],
      faults: [],
      notes: [],
    });
  });

  it("a host that was not asked has been read since it was written", () => {
    const { status, confidence, counts, notes } = settled(notAskedReport("host:vps-i1", 3));
    assert.deepEqual([status, confidence, counts, notes], ["in sync", "verified", { "in sync": 3 }, []]);
    assert.equal(isConverged(notAskedReport("host:vps-i1", 0)), false);
  });

  it("a place that was in sync is so still", () => {
    const before = placeReport("host:h", "verified", 2, []);
    assert.deepEqual(settled(before), before);
  });
});
