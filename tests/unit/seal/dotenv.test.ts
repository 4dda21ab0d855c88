/**
 * Proves that our reader gets back what our writer wrote, and how both treat each corner of the format. That Compose
 * itself reads the same is proved against Compose's parser in tests/sandbox/dotenv.
 */
import assert from "node:assert/strict";

import fc from "fast-check";

import { cannotCarry, VALUE_LIMIT_BYTES, writeDotenv } from "../../../core/seal/dotenv.js";
import { readAssignment } from "../../../core/seal/dotenvReader.js";
import { Secret } from "../../../core/seal/secret.js";
import { secretsOf } from "../../support/secrets.js";

const NASTY = [
  "'",
  '"',
  "\\",
  "$",
  "{",
  "}",
  "#",
  " ",
  "\t",
  "\n",
  "\r",
  "=",
  "`",
  "!",
  "%",
  "a",
  "N",
  "é",
  "🔑",
  "\u2028",
  "\ufeff",
];

const value = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: fc.constantFrom(...NASTY), maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }).filter((text) => !text.includes("\0")) },
);

function written(text: string): string {
  return writeDotenv(secretsOf({ NAME: text }));
}

describe("a value in a .env file", () => {
  it("is read back as it was written, whatever it is", () => {
    fc.assert(
      fc.property(value, (text) => {
        const file = written(text);
        assert.ok(file.endsWith("\n"));
        assert.deepEqual(readAssignment(file.slice(0, -1)), { name: "NAME", read: { value: text } });
      }),
      { numRuns: 5000 },
    );
  });

  it("never holds a bare carriage return, which Compose would drop", () => {
    fc.assert(
      fc.property(value, (text) => {
        assert.equal(written(text).includes("\r"), false);
      }),
    );
  });

  const table: readonly [string, string, string][] = [
    ["a bare word", "abc-DEF_1.2/3:4@5%6+7,8=9", "NAME=abc-DEF_1.2/3:4@5%6+7,8=9\n"],
    ["nothing", "", "NAME=\n"],
    ["a blank", "a b", "NAME='a b'\n"],
    ["a dollar", "$HOME", "NAME='$HOME'\n"],
    ["a comment's sign", "a #b", "NAME='a #b'\n"],
    ["a double quote", 'a"b', `NAME='a"b'\n`],
    ["lines", "a\n\nb\n", "NAME='a\n\nb\n'\n"],
    ["a backslash inside", "a\\b", "NAME='a\\b'\n"],
    ["an odd backslash at its end", "a\\", 'NAME="a\\\\"\n'],
    ["an even number of backslashes at its end", "a\\\\", "NAME='a\\\\'\n"],
    ["an apostrophe", "it's", 'NAME="it\'s"\n'],
    ["everything", `'"$\\\r\n`, `NAME="'\\"\\$\\\\\\r\n"\n`],
    ["a tilde", "~/x", "NAME='~/x'\n"],
    ["a backtick, which a shell would run", "`id`", "NAME='`id`'\n"],
    ["a backtick that cannot stand in single quotes", "'`1", 'NAME="\'\\01401"\n'],
    ["letters beyond ASCII", "größe", "NAME='größe'\n"],
  ];
  for (const [title, text, expected] of table) {
    it(`is quoted only where it must be: ${title}`, () => {
      assert.equal(written(text), expected);
    });
  }

  it("stands with the others in the order of their names", () => {
    assert.equal(writeDotenv(secretsOf({ B: "2", a: "3", A_1: "1", A: "0" })), "A=0\nA_1=1\nB=2\na=3\n");
    assert.equal(writeDotenv(new Map()), "");
  });

  it("is refused when no environment can carry it, without being shown", () => {
    assert.equal(cannotCarry(new Secret("a\0")), "contains a NUL character, which no environment variable can carry");
    assert.equal(cannotCarry(new Secret("a\udc00")), "is not valid Unicode");
    assert.equal(cannotCarry(new Secret("a\r\n\u2028🔑")), undefined);
    assert.equal(cannotCarry(new Secret("é".repeat(VALUE_LIMIT_BYTES / 2))), undefined);
    assert.equal(
      cannotCarry(new Secret("é".repeat(VALUE_LIMIT_BYTES / 2) + "x")),
      "is larger than 127 KiB, which no environment variable can carry",
    );
    assert.throws(() => written("canary\0"), { name: "TypeError", message: "NAME cannot be written to a .env file" });
  });

  for (const name of ["", "1A", "A-B", "A B", "A\nB", "A=B", "Ä"]) {
    it(`is refused under the name ${JSON.stringify(name)}`, () => {
      assert.throws(() => writeDotenv(secretsOf({ [name]: "v" })), TypeError);
    });
  }
});

describe("an assignment by hand", () => {
  const table: readonly [string, string | { unreadable: string } | undefined][] = [
    ["A=1", "1"],
    ["  export  A = 1  ", "1"],
    ["A: 1", "1"],
    ["A=", ""],
    ["A=1 # comment", "1"],
    ["A=1#no-comment", "1#no-comment"],
    ["A= #comment", "#comment"],
    ["A=1\r", "1"],
    ["A=a b c", "a b c"],
    ["A=a\\nb", "a\\nb"],
    ["A=a'b", "a'b"],
    ["A='a' # comment", "a"],
    ["A='a\\'b'", "a'b"],
    ["A='a\\nb'", "a\\nb"],
    ["A='$HOME'", "$HOME"],
    ['A="a\\nb\\tc\\"d\\\\e\\$f"', 'a\nb\tc"d\\e$f'],
    ['A="a\nb"', "a\nb"],
    ['A="\\$\\$x"', "$$x"],
    ["A=\v\u00a01\u0085\u2028", "1"],
    ["A=1\ufeff", "1\ufeff"],
    ["A=pa$5x$", "pa$5x$"],
    ["A=$$x", "$x"],
    ['A="\\0101\\012\\0999\\0\\c"', "A\\12\\999\\\\c"],
    ['A="\\0044x"', { unreadable: "is interpolated" }],
    ["A=${x", { unreadable: "is interpolated" }],
    ["A=\u212a$\u212a", { unreadable: "is interpolated" }],
    ["A=1\n\n # comment\n", "1"],
    ["A='1'#comment", "1"],
    ["A=1\nA=2", { unreadable: "is followed by something else" }],
    ["A='1'A=2", { unreadable: "is followed by something else" }],
    ["export A=1", "1"],
    ["export =1", undefined],
    ["export\nA=1", undefined],
    ["A=$HOME", { unreadable: "is interpolated" }],
    ['A="x${HOME}"', { unreadable: "is interpolated" }],
    ['A="\\\\$x"', { unreadable: "is interpolated" }],
    ["A='x", { unreadable: "has no closing quote" }],
    ["A='x\\'", { unreadable: "has no closing quote" }],
    ['A="x\\"', { unreadable: "has no closing quote" }],
    ["A", undefined],
    ["# A=1", undefined],
    ["=1", undefined],
    ["1A=1", undefined],
    ["", undefined],
  ];
  for (const [text, expected] of table) {
    it(`${JSON.stringify(text)} is ${expected === undefined ? "none" : JSON.stringify(expected)}`, () => {
      const read = typeof expected === "string" ? { value: expected } : expected;
      assert.deepEqual(readAssignment(text), read === undefined ? undefined : { name: "A", read });
    });
  }

  it("may have a name that is none of ours", () => {
    assert.equal(readAssignment("A.b-c=1")?.name, "A.b-c");
  });
});
