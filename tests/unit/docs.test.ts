/**
 * Proves that the documents name tests that exist: a file, and in it the title or the part of a title that stands behind it
 * in double quotes. What a test shows is for its reader to judge.
 */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { VERBS } from "../../cli/verbs/all.js";
import { wordsOf } from "../support/runnableDocs.js";

const ROOT = join(__dirname, "../..");

async function textOf(path: string): Promise<string> {
  return readFile(join(ROOT, path), "utf8").catch(() => "");
}

describe("documents", () => {
  it("name tests that are there", async () => {
    const documents = ["README.md", ...(await readdir(join(ROOT, "docs"))).map((name) => `docs/${name}`)];
    const missing: string[] = [];
    let named = 0;
    for (const document of documents.filter((name) => name.endsWith(".md"))) {
      const references = (await textOf(document)).matchAll(/`(tests\/[^`*]+\.test\.ts)`(?:\s+"([^"]+)")?/g);
      for (const [, path = "", title = ""] of references) {
        named += 1;
        const text = await textOf(path);
        if (text === "" || !text.includes(title.replace(/\s+/g, " "))) {
          missing.push(`${document}: ${path} "${title}"`);
        }
      }
    }
    assert.deepEqual(missing, []);
    assert.ok(named > 15, "the search finds them");
  });

  it("name verbs of p24 that are there, with options that these have", async () => {
    const documents = ["README.md", ...(await readdir(join(ROOT, "docs"))).map((name) => `docs/${name}`)];
    const wrong: string[] = [];
    let named = 0;
    for (const document of documents.filter((name) => name.endsWith(".md"))) {
      const text = await textOf(document);
      const inWords = text.matchAll(/`(?:npm run (?:--silent )?p24 -- |p24 )([a-z][^`]*)`/g);
      const inBlocks = text.matchAll(/^ *npm run (?:--silent )?p24 -- ([a-z].*)$/gm);
      for (const [, found = ""] of [...inWords, ...inBlocks]) {
        const call = found.replace(/\s+/g, " ");
        named += 1;
        if (!isCall(call)) {
          wrong.push(`${document}: p24 ${call}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(named > 30, "the search finds them");
  });
});

/** Whether a call of `p24` names a verb and none but its options. What stands behind `--` belongs to another program. */
function isCall(call: string): boolean {
  const [words = ""] = call.split(/ -- | # /);
  const verb = VERBS.find(({ name }) => words === name || words.startsWith(`${name} `));
  const options = wordsOf(words).flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? []);
  return verb !== undefined && options.every((option) => option === "help" || Object.hasOwn(verb.options, option));
}
