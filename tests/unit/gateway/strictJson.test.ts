import assert from "node:assert/strict";

import { parseStrictJson, parseStrictObject } from "../../../gateway/strictJson.js";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("strict JSON", () => {
  const good: readonly [text: string, value: unknown][] = [
    ['{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}', { a: 1, b: { a: 2 }, c: [{ a: 3 }, { a: 4 }] }],
    ['{"a":"{\\"a\\":1,\\"a\\":2}"}', { a: '{"a":1,"a":2}' }],
    ['{"a":["a","a"]}', { a: ["a", "a"] }],
    ['{ "a" : "b" , "b" : "a" }', { a: "b", b: "a" }],
    ["[]", []],
  ];
  for (const [text, value] of good) {
    it(`is ${text}`, () => {
      assert.deepEqual(parseStrictJson(bytes(text)), value);
    });
  }

  const bad: readonly [title: string, text: string | Uint8Array][] = [
    ["a name twice", '{"aud":"a","aud":"b"}'],
    ["a name twice, once with an escape", '{"aud":"a","\\u0061ud":"b"}'],
    ["a name twice, further in", '{"a":[{"b":1,"c":{},"b":2}]}'],
    ["a name twice, with blanks and a line's end before the colon", '{"a" \n:1,"a"\t:2}'],
    ["the empty name twice", '{"":1,"":2}'],
    ["something behind it", '{"a":1}{"a":2}'],
    ["too deep", "[".repeat(9) + "]".repeat(9)],
    ["a byte order mark", "\ufeff{}"],
    ["a byte that is no UTF-8", Uint8Array.from([0x22, 0xff, 0x22])],
    ["a too long form of a letter", Uint8Array.from([0x22, 0xc1, 0x81, 0x22])],
    ["nothing", ""],
  ];
  for (const [title, text] of bad) {
    it(`is not: ${title}`, () => {
      assert.equal(parseStrictJson(typeof text === "string" ? bytes(text) : text), undefined);
    });
  }

  it("is an object only when it is one", () => {
    assert.deepEqual(parseStrictObject(bytes('{"a":null}')), { a: null });
    for (const text of ["[]", "null", '"a"', "1"]) {
      assert.equal(parseStrictObject(bytes(text)), undefined, text);
    }
  });
});
