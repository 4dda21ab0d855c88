/** Proves with the real actionlint that this repository's own workflows are workflows. */
import assert from "node:assert/strict";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { run } from "../../../core/process.js";
import { temporaryFolder } from "../../support/folder.js";

const ROOT = join(__dirname, "../../..");

describe("this repository's workflows", () => {
  const folder = temporaryFolder();
  let actionlint = "";
  before(async () => {
    const { ensureToolchain } = await import("../../../toolchain/setup.mjs");
    const { tools } = await ensureToolchain({ only: ["actionlint"], quiet: true });
    actionlint = tools.find(({ name }) => name === "actionlint")?.location ?? "";
    await mkdir(join(folder(), ".git"));
    await cp(join(ROOT, ".github"), join(folder(), ".github"), { recursive: true });
  });

  const lint = () => run(actionlint, ["-no-color", "-oneline", "-shellcheck=", "-pyflakes="], { cwd: folder() });

  it("are taken by actionlint, which would complain about a step that is not there", async () => {
    assert.deepEqual(await lint(), { code: 0, stdout: "" });
    const file = join(folder(), ".github/workflows/secrets-sync.yml");
    await writeFile(file, (await readFile(file, "utf8")).replace("id: reports", "id: other"));
    assert.match((await lint()).stdout, /property "reports" is not defined/);
  });
});
