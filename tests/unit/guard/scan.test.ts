/**
 * Proves that contents are judged as they stream by: a hit is found wherever it stands to the windows and to git's chunks, its
 * line is right. Memory, and that no text makes the rules slow: `npm run bench:hook`.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { IdSet } from "../../../guard/git/idSet.mjs";
import { parseListed, parseRaw } from "../../../guard/git/entries.mjs";
import { Scanner } from "../../../guard/scan.mjs";
import { signs } from "../../support/corpus/material.js";
import { generator, SEED } from "../../support/random.js";

function scan(content: Buffer, chunk: () => number): string[] {
  const scanner = new Scanner();
  for (let at = 0; at < content.length;) {
    const end = at + Math.max(1, chunk());
    scanner.push(content.subarray(at, end));
    at = end;
  }
  return scanner.end().map(({ rule, line }) => `${rule}:${String(line)}`);
}

const WINDOW = 64 * 1024;
const value = () => `ghp_${signs(36)}`;

describe("a content as it streams by", () => {
  it("has its hits wherever they stand to a window's end, with their lines", () => {
    const filler = "a line of forty signs, with its line end";
    for (const shift of [-4200, -4096, -4000, -60, -41, -40, -20, -1, 0, 1, 30, 3000]) {
      const lines = Math.floor((WINDOW + shift) / (filler.length + 1));
      const before = `${filler}\n`.repeat(lines) + "x".repeat(Math.max(0, (WINDOW + shift) % (filler.length + 1)));
      const content = Buffer.from(`${before} ${value()} ${"y".repeat(9000)}\n`);
      assert.deepEqual(
        scan(content, () => 8192),
        [`github:${String(lines + 1)}`],
        `shift ${String(shift)}`,
      );
    }
  });

  it("is the same in whatever chunks it comes", () => {
    const next = generator(SEED);
    const content = Buffer.from(
      `a\n${value()}\n${"line\n".repeat(40_000)}${value()}\n${"z".repeat(70_000)} ${value()}`,
    );
    const expected = ["github:2", "github:40003", "github:40004"];
    for (let time = 0; time < 20; time += 1) {
      const most = [1, 7, 100, 5000, 65_536, 300_000][next(6)] ?? 1;
      assert.deepEqual(
        scan(most < 50 ? content.subarray(0, 3000) : content, () => 1 + next(most)).slice(0, 3),
        most < 50 ? ["github:2"] : expected,
        `seed ${String(SEED)}`,
      );
    }
  });

  it("does not take the end of a harmless name for a name of its own", () => {
    const content = Buffer.from(`${"a".repeat(WINDOW - 7)} public_token_${"x_".repeat(3)}hash = "${signs(32)}"`);
    assert.deepEqual(
      scan(content, () => 65_536),
      [],
    );
  });

  it("tells at most some dozens of hits", () => {
    const content = Buffer.from(Array.from({ length: 500 }, () => value()).join("\n"));
    assert.equal(scan(content, () => 9000).length, 40);
  });
});

describe("git's lists", () => {
  const id = (sign: string) => sign.repeat(40);

  it("of what is staged", () => {
    const raw = [
      `:100644 100755 ${id("a")} ${id("a")} M`,
      "mode only.sh",
      `:000000 120000 ${id("0")} ${id("b")} A`,
      'li"nk\n2',
      `:100644 000000 ${id("c")} ${id("0")} D`,
      "gone",
      "",
    ].join("\0");
    assert.deepEqual(parseRaw(raw), [
      { path: "mode only.sh", mode: "100755", blob: id("a"), former: id("a") },
      { path: 'li"nk\n2', mode: "120000", blob: id("b"), former: undefined },
    ]);
  });

  it("of what is there, in the index and in a tree", () => {
    const listed = [`100644 ${id("a")} 0\ta b`, `100755 blob ${id("b")}\tc\td`, ""].join("\0");
    assert.deepEqual(
      parseListed(listed).map(({ path, mode, blob }) => [path, mode, blob]),
      [
        ["a b", "100644", id("a")],
        ["c\td", "100755", id("b")],
      ],
    );
  });
});

describe("a set of object ids", () => {
  it("knows each id and kind once, through its growth", () => {
    const set = new IdSet();
    const ids = Array.from({ length: 20_000 }, () => randomBytes(20).toString("hex"));
    assert.ok(ids.every((id) => set.add(id)));
    assert.ok(ids.every((id) => !set.add(id)));
    assert.ok(ids.every((id) => set.add(id, 3)));
    assert.equal(set.size, 40_000);
  });

  it("takes ids that look empty", () => {
    const set = new IdSet();
    assert.deepEqual(
      [set.add("0".repeat(40)), set.add("0".repeat(40)), set.add("0".repeat(64), 1)],
      [true, false, true],
    );
  });
});
