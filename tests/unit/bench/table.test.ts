import assert from "node:assert/strict";

import { cellOf, NO_RESULTS } from "../../../bench/compare/results.js";
import { lines, tables, verdictLines } from "../../../bench/compare/table.js";

describe("benchmark: tables", () => {
  const ways = [
    { name: "loop", title: "bash loop" },
    { name: "up", title: "ours" },
    { name: "ansible", title: "Ansible" },
  ];
  const results = {
    ...NO_RESULTS,
    cells: [
      cellOf({ hosts: 10, secrets: 20, rttMs: 0 }, "loop", [{ ms: 3000 }, { ms: 5000 }, { ms: 4000 }]),
      cellOf({ hosts: 2, secrets: 20, rttMs: 0 }, "loop", [{ ms: 1000 }]),
      cellOf({ hosts: 10, secrets: 20, rttMs: 0 }, "up", [
        { ms: 1900, parts: { up: 1200, verification: 700 } },
        { ms: 2100, parts: { up: 1400, verification: 700 } },
      ]),
    ],
  };

  it("has a row a way that was measured and a column a number of hosts, with ratios to the bash loop and fewer rounds told", () => {
    assert.equal(
      tables(results, ways),
      [
        "**20 secrets**",
        "",
        "|  | 2 hosts | 10 hosts |",
        "| --- | ---: | ---: |",
        "| bash loop | 1.00 s, 1 round | 4.00 s |",
        "| ours |  | 2.00 s (0.50), 2 rounds |",
      ].join("\n"),
    );
  });

  it("says of which commit a table is, and of all when it was measured in parts", () => {
    const [at, later] = ["1234567", "89abcde"].map((commit, index) =>
      cellOf({ hosts: 2 + index, secrets: 100, rttMs: 0 }, "loop", [{ ms: 1000 }], commit),
    );
    const heading = (cells: readonly (typeof at)[]) =>
      tables({ ...NO_RESULTS, cells: cells.flatMap((cell) => cell ?? []) }, ways).split("\n")[0];
    assert.equal(heading([at]), "**100 secrets**, measured at 1234567");
    assert.equal(heading([at, later]), "**100 secrets**, measured at 1234567 and 89abcde");
  });

  it("has a table for each distance, the hosts on loopback first", () => {
    const far = cellOf({ hosts: 2, secrets: 20, rttMs: 90 }, "loop", [{ ms: 2500 }]);
    const both = tables({ ...NO_RESULTS, cells: [far, ...results.cells] }, ways);
    assert.deepEqual(both.match(/^\*\*.*\*\*$/gm), ["**20 secrets**", "**20 secrets, hosts 90 ms away**"]);
    assert.match(
      both,
      /away\*\*\n\n\|  \| 2 hosts \|\n.*\n\| bash loop \| 2\.50 s, 1 round \|$/,
      "with its own columns and rows",
    );
  });

  it("tells spread, rounds and parts a line each", () => {
    assert.match(lines(results, ways), /10 hosts +20 secrets +bash loop +4\.00 s +3\.00 s–5\.00 s of 3$/m);
    assert.match(lines(results, ways), /ours +2\.00 s .* of 2 +up 1\.30 s +verification 0\.70 s$/m);
  });

  it("says of each limit whether it is met", () => {
    const text = verdictLines([
      { text: "faster", measured: 2.345, limit: 1, met: true },
      { text: "refused", measured: 3, limit: 0, met: false },
    ]);
    assert.equal(text, "met     faster: 2.35, limit 1\nmissed  refused: 3, limit 0");
  });
});
