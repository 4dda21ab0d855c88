/**
 * Proves what a typed value is taken for, and that a terminal shows nothing of it. The terminal is a stream of the test with
 * the one call of a real one that matters; a real terminal's own echo is not proved here.
 */
import assert from "node:assert/strict";
import { PassThrough, Readable } from "node:stream";

import { askSecret, readSecret } from "../../../core/sources/typed.js";
import { faultsOfAsync } from "../../support/faults.js";
import { fingerprinter, printOf } from "../../support/secrets.js";

describe("a value on standard input", () => {
  const cases: readonly [title: string, chunks: readonly (string | Buffer)[], value: string][] = [
    ["a line, as echo ends it", ["value\n"], "value"],
    ["a line, as PowerShell ends it", ["value\r\n"], "value"],
    ["without a line end", ["value"], "value"],
    ["blanks are part of it", ["  value \n"], "  value "],
    ["several lines stay as they are", ["one\ntwo\n"], "one\ntwo\n"],
    ["an empty line more is a second line", ["one\n\n"], "one\n\n"],
    ["a byte order mark", ["\uFEFFvalue\n"], "value"],
    ["in pieces, one within a letter", [Buffer.from("zż").subarray(0, 2), Buffer.from("zż").subarray(2), "\n"], "zż"],
    ["nothing", [], ""],
  ];
  for (const [title, chunks, value] of cases) {
    it(title, async () => {
      const input = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
      assert.equal(fingerprinter.of(await readSecret(input)), printOf(value));
    });
  }
});

describe("a hidden prompt", () => {
  /** Types pieces and gives what was asked, shown, and how the terminal was set. */
  async function type(...pieces: readonly string[]) {
    const raw: boolean[] = [];
    const shown: string[] = [];
    const write = (text: string) => {
      assert.ok(
        shown.length > 0 || raw.length === 1,
        "nothing is echoed from the moment that the question stands there",
      );
      shown.push(text);
    };
    const input = Object.assign(new PassThrough(), { setRawMode: (on: boolean) => raw.push(on) });
    const asked = askSecret({ input, output: { write } }, "New value: ");
    for (const piece of pieces) {
      input.write(piece);
    }
    const ended = await asked.then(
      (secret) => ({ secret }),
      (error: unknown) => ({ error }),
    );
    assert.equal(input.listenerCount("data"), 0);
    return { ended, raw, shown: shown.join("") };
  }

  const cases: readonly [title: string, pieces: readonly string[], value: string][] = [
    ["key by key", ["a", "b", "\r"], "ab"],
    ["pasted", ["a b $c\n"], "a b $c"],
    ["with corrections", ["axx\u007f\bż🔑\u007f\r"], "aż"],
    ["begun anew", ["wrong\u0015right\r"], "right"],
    ["nothing", ["\r"], ""],
    ["what comes behind the line is not taken", ["a\rb"], "a"],
  ];
  for (const [title, pieces, value] of cases) {
    it(title, async () => {
      const { ended, raw, shown } = await type(...pieces);
      assert.ok("secret" in ended);
      assert.equal(fingerprinter.of(ended.secret), printOf(value));
      assert.deepEqual([raw, shown], [[true, false], "New value: \n"]);
    });
  }

  for (const sign of ["\u0003", "\u0004"]) {
    it(`is broken off by ${JSON.stringify(sign)}, and the terminal is as before`, async () => {
      const { ended, raw, shown } = await type("secret", sign);
      assert.ok("error" in ended);
      assert.deepEqual(await faultsOfAsync(Promise.reject(ended.error as Error)), [
        "the prompt: was broken off; nothing was changed. Repair: run again",
      ]);
      assert.deepEqual([raw, shown], [[true, false], "New value: \n"]);
    });
  }
});
