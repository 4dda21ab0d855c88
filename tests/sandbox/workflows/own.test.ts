/** Proves with the real actionlint that this repository's own workflows are workflows. */
import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { useActionlint } from "../../support/actionlint.js";

const ROOT = join(__dirname, "../../..");

describe("this repository's workflows", () => {
  const { folder, lint } = useActionlint();
  before(async () => {
    await cp(join(ROOT, ".github"), join(folder(), ".github"), { recursive: true });
  });

  it("are taken by actionlint, which would complain about a step that is not there", async () => {
    assert.deepEqual(await lint(), { code: 0, stdout: "" });
    const file = join(folder(), ".github/workflows/secrets-sync.yml");
    await writeFile(file, (await readFile(file, "utf8")).replace("id: reports", "id: other"));
    assert.match((await lint()).stdout, /property "reports" is not defined/);
  });
});
