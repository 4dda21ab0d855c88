/** Proves, with the real sh, that a quoted text is one word that says the same, and that an assignment of it is one. */
import assert from "node:assert/strict";

import fc from "fast-check";

import { run } from "../../core/process.js";
import { quoteForShell } from "../../core/shell.js";

/** What the shell makes of the texts, each followed by a NUL. */
async function throughShell(texts: readonly string[]): Promise<string[]> {
  const script = texts.map((text) => `text=${quoteForShell(text)}\nprintf '%s\\0' "$text" ${quoteForShell(text)}\n`);
  const { code, stdout } = await run("sh", ["-s"], { input: script.join("") });
  assert.equal(code, 0);
  return stdout.split("\0").slice(0, -1);
}

describe("a text that is quoted for the shell", () => {
  it("stays what it is, whatever it holds", async () => {
    const texts = ["", "'", "''", 'it\'s $HOME `id` \\ "x" !! *', "a\nb\n", "\n'\n", "'\\''", "é, 鍵", "#", "-n"];
    assert.deepEqual(
      await throughShell(texts),
      texts.flatMap((text) => [text, text]),
    );
  });

  it("stays what it is for random texts", async () => {
    const text = fc.string({ unit: fc.constantFrom("'", '"', "\\", "$", "`", "\n", " ", "a", "(", ";", "&", "é") });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 30 }), async (texts) => {
        assert.deepEqual(
          await throughShell(texts),
          texts.flatMap((one) => [one, one]),
        );
      }),
      { numRuns: 20 },
    );
  });
});
