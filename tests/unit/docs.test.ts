/**
 * Proves that the documents name tests that exist: a file, and in it the title or the part of a title that stands behind it
 * in double quotes. What a test shows is for its reader to judge.
 */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

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
});
