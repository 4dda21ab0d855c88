/**
 * Proves rules about the repository's own files by searching them: who opens a secret, what a file may be called, and
 * where the servers' addresses stand. It sees files that git tracks or would add, and the text of imports, not calls.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { run } from "../../core/process.js";

const ROOT = join(__dirname, "../..");

/** Paths of the files that git tracks, or would add. */
async function listFiles(): Promise<string[]> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { code, stdout } = await run("git", args, { cwd: ROOT });
  assert.equal(code, 0, "not a checkout of git");
  return stdout.split("\0").filter((path) => path !== "");
}

/** The files whose text fits, of those that can still be read. */
async function filesWith(files: readonly string[], fits: (text: string) => boolean): Promise<string[]> {
  const found = await Promise.all(
    files.map(async (path) => {
      const text = await readFile(join(ROOT, path), "utf8").catch(() => "");
      return fits(text) ? [path] : [];
    }),
  );
  return found.flat().sort();
}

/** Whether a module takes `open` out of secret.ts, by name, as a whole or by handing it on. */
function takesOpen(text: string): boolean {
  const clauses = text.matchAll(/(?:import|export)\s+([^;]*?)\s+from\s+["'][^"']*\/secret(?:\.js|\.ts)?["']/g);
  const all = /(?:import|require)\s*\(\s*["'][^"']*\/secret(?:\.js|\.ts)?["']/.test(text);
  return all || [...clauses].some(([, clause = ""]) => clause.includes("*") || /\bopen\b/.test(clause));
}

describe("the repository", () => {
  let files: string[];
  before(async () => {
    files = await listFiles();
  });

  it("opens a secret in core/seal/ and core/sources/ only", async () => {
    const code = files.filter((path) => /\.[cm]?[jt]s$/.test(path) && join(ROOT, path) !== __filename);
    const openers = await filesWith(code, takesOpen);
    assert.deepEqual(
      openers.filter((path) => !/^core\/(?:seal|sources)\//.test(path)),
      [],
    );
    assert.ok(openers.includes("core/seal/payload.ts"), "the search finds those that do");
  });

  const imports: readonly [string, boolean][] = [
    ['import { open, type Secret } from "./secret.js";', true],
    ['import {\n  open,\n} from "../seal/secret.js";', true],
    ['import { open as look } from "../../core/seal/secret.js";', true],
    ['import * as secrets from "../seal/secret.js";', true],
    ['export { open } from "../seal/secret.js";', true],
    ['export * from "./seal/secret.js";', true],
    ['const { open } = await import("../seal/secret.js");', true],
    ['const { open } = require("../seal/secret");', true],
    ['import { Secret, matches } from "../seal/secret.js";', false],
    ['import { open } from "node:fs/promises";\nimport { Secret } from "../seal/secret.js";', false],
  ];
  for (const [text, expected] of imports) {
    it(`${expected ? "finds" : "does not mind"} ${JSON.stringify(text)}`, () => {
      assert.equal(takesOpen(text), expected);
    });
  }

  it("has no file whose name speaks of a token, key or password, but for encrypted sources", () => {
    assert.deepEqual(
      files.filter((path) => {
        const name = path.split("/").at(-1) ?? "";
        return /token|key|password/i.test(name) && !/^secrets\/[^/]+\.sops\.yaml$/.test(path);
      }),
      [],
    );
  });

  it("names the servers' addresses in the settings and in texts for people only", async () => {
    // Put together here, so that this file is not found itself.
    const addresses = [
      [217, 154, 82, 162],
      [72, 60, 32, 61],
    ].map((parts) => parts.join("."));
    const found = await filesWith(files, (text) => addresses.some((address) => text.includes(address)));
    assert.deepEqual(
      found.filter((path) => path !== "Pulumi.prod.yaml" && path !== "README.md" && !path.startsWith("docs/")),
      [],
    );
    assert.ok(found.includes("Pulumi.prod.yaml"), "the search finds them where they are");
  });
});
