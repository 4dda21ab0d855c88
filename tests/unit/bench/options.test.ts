import assert from "node:assert/strict";

import { readOptions } from "../../../bench/compare/options.js";

describe("benchmark: command line", () => {
  const ways = ["loop", "up"];

  it("measures every size, seven times, unless told otherwise", () => {
    assert.deepEqual(readOptions([], ways), {
      json: false,
      write: false,
      rounds: 7,
      hosts: [2, 10, 50],
      secrets: [20, 100, 1000],
      rttMs: 0,
      results: undefined,
      only: undefined,
    });
    const all = [
      "--json",
      "--write",
      "--rounds",
      "3",
      "--hosts",
      "2,10",
      "--secrets",
      "20",
      "--rtt",
      "90",
      "--only",
      "ours,loop",
      "--results",
      "f.json",
    ];
    assert.deepEqual(readOptions(all, ways), {
      json: true,
      write: true,
      rounds: 3,
      hosts: [2, 10],
      secrets: [20],
      rttMs: 90,
      results: "f.json",
      only: ["ours", "loop"],
    });
  });

  for (const [args, reason] of [
    [["--rounds", "0"], /--rounds takes whole numbers from 1/],
    [["--hosts", "2,many"], /--hosts takes whole numbers/],
    [["--secrets", "5"], /--secrets takes whole numbers from 10/],
    [["--rtt", "-1"], /--rtt/],
    [["--only", "salt"], /does not know "salt"; it knows ours, loop, up/],
    [["--fast"], /--fast/],
  ] as const) {
    it(`refuses ${args.join(" ")}`, () => {
      assert.throws(() => readOptions(args, ways), reason);
    });
  }
});
