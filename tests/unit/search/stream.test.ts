/**
 * Proves that values are found in a stream wherever they stand to its chunks, in every form, wrapped and in UTF-16, by their
 * names and lines; and which values are not looked for. The forms themselves: tests/sandbox/sweep/planted.test.ts.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { formsOf } from "../../../core/search/forms.js";
import { Searcher } from "../../../core/search/searcher.js";
import { StreamSearch } from "../../../core/search/stream.js";
import { Secret } from "../../../core/seal/secret.js";
import { searchFor } from "../../../core/seal/valueSearch.js";
import { generator, SEED } from "../../support/random.js";

const next = generator(SEED);

function search(stream: StreamSearch, content: Buffer, chunk: () => number) {
  for (let at = 0; at < content.length;) {
    const end = at + Math.max(1, chunk());
    stream.push(content.subarray(at, end));
    at = end;
  }
  return stream.end();
}

const value = (bytes: number) => randomBytes(bytes).toString("base64url").slice(0, bytes);

describe("a search for values in a stream", () => {
  it("finds every form of a value in whatever chunks it comes, with its line", () => {
    const text = `a "quoted" value: ${value(30)}/+=%&$'x`;
    const searchOf = searchFor([{ name: "shared/one", secret: new Secret(text) }]);
    for (const { name, bytes } of formsOf(Buffer.from(text))) {
      for (const most of [3, 50, 700, 1_000_000]) {
        const content = Buffer.concat([
          Buffer.from("one\ntwo\n"),
          Buffer.from("x".repeat(next(300))),
          bytes,
          Buffer.from("\nend\n"),
        ]);
        const hits = search(searchOf.start(), content, () => 1 + next(most));
        assert.ok(
          hits.some(({ secret, line }) => secret === "shared/one" && line === 3),
          `${name}, seed ${String(SEED)}: ${JSON.stringify(hits)}`,
        );
      }
    }
  });

  it("finds what is wrapped, and what is in UTF-16", () => {
    const text = value(200);
    const searchOf = searchFor([{ name: "s/long", secret: new Secret(text) }]);
    const wrapped = Buffer.from(text).toString("base64").replace(/.{76}/g, "$&\r\n");
    for (const content of [
      Buffer.from(`x: ${wrapped}\n`),
      Buffer.from(text, "utf16le"),
      Buffer.from(text.replace(/.{60}/g, "$&\\n")),
    ]) {
      for (const most of [5, 80, 100_000]) {
        const hits = search(searchOf.start(), content, () => 1 + next(most));
        assert.deepEqual(
          hits.map(({ secret, line }) => [secret, line]),
          [["s/long", undefined]],
          `seed ${String(SEED)}`,
        );
      }
    }
  });

  it("finds a line of a long value, and short values", () => {
    const lines = Array.from({ length: 4 }, () => value(64));
    const pem = ["-----BEGIN X-----", ...lines, "-----END X-----", ""].join("\n");
    const short = `pw1${value(7)}`;
    const searchOf = searchFor([
      { name: "s/pem", secret: new Secret(pem) },
      { name: "s/short", secret: new Secret(short) },
    ]);
    const content = Buffer.from(
      `a\n${lines[2] ?? ""}\n-----BEGIN X-----\nb ${short}\n${Buffer.from(short).toString("hex")}\n`,
    );
    assert.deepEqual(
      search(searchOf.start(), content, () => 40)
        .map(({ secret, form, line }) => `${secret} ${form} ${String(line)}`)
        .sort(),
      ["s/pem plain 2", "s/short hex 5", "s/short plain 4"],
    );
  });

  it("finds nothing in what only looks alike", () => {
    const searchOf = searchFor(
      Array.from({ length: 200 }, (_, at) => ({ name: `s/${String(at)}`, secret: new Secret(value(9 + (at % 60))) })),
    );
    assert.deepEqual(
      search(searchOf.start(), randomBytes(300_000), () => 65_536),
      [],
    );
    assert.deepEqual(
      search(searchOf.start(), Buffer.from(randomBytes(200_000).toString("base64")), () => 65_536),
      [],
    );
  });

  const cases: readonly [string, string | undefined][] = [
    ["587", "too short"],
    ["short", "too short"],
    ["123456789012", "a number"],
    ["smtp.provider.net", "a host's name"],
    ["https://vault.internal.example:8443/", "a host's name"],
    ["mailer@provider.net", "an address"],
    ["postgres", "a word"],
    ["Str0ngPw", undefined],
    [`${value(10)}.${value(30)}.Ab${value(20)}`, undefined],
    ["correct horse battery", undefined],
    [value(20), undefined],
  ];
  for (const [text, why] of cases) {
    it(why === undefined ? "looks for a value" : `leaves out ${why}`, () => {
      const { skipped, values } = searchFor([{ name: "s/x", secret: new Secret(text) }]);
      assert.equal(skipped.get("s/x"), why);
      assert.equal(values, why === undefined ? 1 : 0);
    });
  }

  it("says nothing of a value but its name", () => {
    const text = value(40);
    const searchOf = searchFor([{ name: "s/x", secret: new Secret(text) }]);
    const hits = search(searchOf.start(), Buffer.from(text), () => 9);
    assert.equal(JSON.stringify({ hits, skipped: [...searchOf.skipped] }).includes(text), false);
  });
});

describe("a searcher with a finer sieve", () => {
  it("finds patterns of seven bytes wherever they begin", () => {
    const piece = Buffer.from("s3cr3t!");
    const searcher = new Searcher([{ secret: "x", pieces: [piece] }], 4);
    for (let at = 0; at < 16; at += 1) {
      const text = Buffer.concat([Buffer.alloc(at, "a"), piece, Buffer.alloc(16, "b")]);
      assert.deepEqual(searcher.locate(text), [{ secret: "x", form: "plain", at }], String(at));
    }
  });
});
