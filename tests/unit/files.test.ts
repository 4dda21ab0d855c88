/** Proves that a file is replaced whole, and that a link is written through and stays one. */
import assert from "node:assert/strict";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { replaceFile } from "../../core/files.js";
import { needs } from "../support/needs.js";

describe("replacing a file", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "p24-files-"))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("makes it anew, and leaves nothing beside it", async () => {
    const file = join(folder, "a");
    for (const text of ["one", "two"]) {
      await replaceFile(file, text);
      assert.deepEqual([readFileSync(file, "utf8"), readdirSync(folder)], [text, ["a"]]);
    }
  });

  it("writes through a link, which stays one", async function () {
    needs(this, process.platform !== "win32", "links, which take a right on Windows that not everybody has");
    const [file, link] = [join(folder, "a"), join(folder, "b")];
    writeFileSync(file, "one");
    symlinkSync(file, link);
    await replaceFile(link, "two");
    assert.deepEqual([readFileSync(file, "utf8"), lstatSync(link).isSymbolicLink()], ["two", true]);
  });
});
