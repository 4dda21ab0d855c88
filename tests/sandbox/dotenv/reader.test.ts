/**
 * Proves of our reader that whatever the text is, it says exactly what Compose's own parser says, or that it cannot say;
 * and that it can say for every form that does not depend on the environment. P24_SEED repeats a run. What it does not
 * prove: bytes that are not UTF-8, which reach the reader as U+FFFD.
 */
import assert from "node:assert/strict";

import fc from "fast-check";

import { readAssignment } from "../../../core/seal/dotenvReader.js";
import { anyText, assignment } from "./forms.js";
import { type ComposeParser, type Read, SEED, startComposeParser } from "./support.js";

const TEXTS = 20_000;

describe(`an assignment by hand; P24_SEED=${String(SEED)}`, function () {
  this.timeout(600_000);
  let compose: ComposeParser;
  before(async () => {
    compose = await startComposeParser();
  });
  after(() => {
    compose.close();
  });

  /** Our reader may be silent; it may not differ. */
  function neverWrong(text: string, wanted: Read): boolean {
    const ours = readAssignment(text);
    if (ours === undefined || "unreadable" in ours.read) {
      return false;
    }
    assert.deepEqual({ [ours.name]: ours.read.value }, wanted);
    return true;
  }

  it("is read as Compose reads it, or not at all, whatever the text", async () => {
    let read = 0;
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        read += neverWrong(text, (await compose.read([text]))[0]) ? 1 : 0;
      }),
      { numRuns: TEXTS, seed: SEED },
    );
    assert.ok(read > TEXTS / 20, `${String(read)} could be read`);
  });

  it("is read in every form that does not depend on the environment", async () => {
    let interpolated = 0;
    await fc.assert(
      fc.asyncProperty(assignment, async (text) => {
        const [wanted] = await compose.read([text]);
        if (neverWrong(text, wanted)) {
          return;
        }
        const ours = readAssignment(text);
        if (wanted !== undefined && Object.keys(wanted).join() === "A") {
          const why = ours !== undefined && "unreadable" in ours.read ? ours.read.unreadable : "no assignment";
          assert.ok(why === "is interpolated" || why === "is followed by something else", why);
          interpolated += 1;
        }
      }),
      { numRuns: TEXTS, seed: SEED },
    );
    assert.ok(interpolated < TEXTS / 2, `${String(interpolated)} could not be read`);
  });

  it("with a variable is never given a value, whatever stands in Compose's environment", async () => {
    const variable = fc.constantFrom("$x", "${x}", "${x:-y}", "${x-}", "$_", "${x?why}");
    const text = fc.tuple(
      fc.constantFrom("A=", "A: ", 'export A="', 'A="a ${y} '),
      fc.stringMatching(/^[a-z\\]{0,4}$/),
      variable,
    );
    await fc.assert(
      fc.asyncProperty(text, async ([head, before, dollar]) => {
        const closing = head.includes('"') ? '"' : "";
        const whole = `${head}${before}${dollar}${closing}`;
        neverWrong(whole, (await compose.read([whole]))[0]);
        const escaped = closing !== "" && /(?:^|[^\\])(?:\\\\)*\\$/.test(before) && !head.includes("$");
        assert.equal(
          readAssignment(whole)?.read !== undefined && "value" in (readAssignment(whole)?.read ?? {}),
          escaped,
        );
      }),
      { numRuns: 2000, seed: SEED },
    );
  });
});
