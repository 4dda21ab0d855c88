import assert from "node:assert/strict";

import { hostNames, ROTATED, sourcesOf, splitOf, wantedAt } from "../../../bench/compare/fleet.js";

describe("benchmark: fleet", () => {
  it("gives each host ordered names that the settings take", () => {
    assert.deepEqual(hostNames(2), ["h001", "h002"]);
    assert.equal(hostNames(50).at(-1), "h050");
  });

  for (const [secrets, split] of [
    [20, { shared: 16, own: 2, github: 2 }],
    [100, { shared: 88, own: 2, github: 10 }],
    [1000, { shared: 898, own: 2, github: 100 }],
  ] as const) {
    it(`splits ${String(secrets)} secrets so that a host and a repository hold all of them together`, () => {
      assert.deepEqual(splitOf({ secrets }), split);
      assert.equal(split.shared + split.own + split.github, secrets);
    });
  }

  it("puts the rotated secret into every host's .env", () => {
    let made = 0;
    const sources = sourcesOf({ hosts: 2, secrets: 20, rttMs: 0 }, () => `v${String((made += 1))}`);
    assert.deepEqual(Object.keys(sources), ["shared", "github-actions", "h001", "h002"]);
    for (const host of hostNames(2)) {
      const wanted = wantedAt(host, sources);
      assert.equal(wanted.size, 18);
      assert.equal(wanted.get(ROTATED), sources["shared"]?.[ROTATED]);
    }
  });
});
