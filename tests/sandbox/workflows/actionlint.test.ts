/**
 * Proves with the real actionlint that every file which it takes before a migration it takes afterwards: the fixtures, and
 * workflows made by chance. What it does not know is the pinned action's inputs: it knows actions by tag, not by commit.
 */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { migrate } from "../../../core/workflows/migrate.js";
import { run } from "../../../core/process.js";
import { temporaryFolder } from "../../support/folder.js";
import { AFTER, APP, BEFORE, filesIn } from "../../support/workflows.js";
import { anyWorkflow } from "../../support/workflowsByChance.js";

describe("actionlint", () => {
  const folder = temporaryFolder();
  let actionlint: string;
  before(async () => {
    const { ensureToolchain } = await import("../../../toolchain/setup.mjs");
    const { tools } = await ensureToolchain({ only: ["actionlint"], quiet: true });
    actionlint = tools.find(({ name }) => name === "actionlint")?.location ?? "";
  });

  /** Its complaints about all workflows of a checkout. Without `.git` it would not look for the called ones. */
  async function complaints(checkout: string): Promise<string> {
    mkdirSync(join(checkout, ".git"), { recursive: true });
    const { code, stdout } = await run(actionlint, ["-no-color", "-oneline", "-shellcheck=", "-pyflakes="], {
      cwd: checkout,
    });
    assert.ok(code === 0 || stdout !== "", "actionlint ran");
    return stdout;
  }

  function checkout(name: string, files: readonly { path: string; text: string }[]): string {
    for (const { path, text } of files) {
      mkdirSync(join(folder(), name, path, ".."), { recursive: true });
      writeFileSync(join(folder(), name, path), text);
    }
    return join(folder(), name);
  }

  it("takes the fixtures before and after", async () => {
    for (const [name, from] of [
      ["before", BEFORE],
      ["after", AFTER],
    ] as const) {
      cpSync(from, join(folder(), name), { recursive: true });
      assert.equal(await complaints(join(folder(), name)), "", name);
    }
  });

  it("takes 100 workflows made by chance, before and after", async () => {
    const before = fc
      .sample(anyWorkflow, 100)
      .map((text, index) => ({ path: `.github/workflows/w${String(index)}.yml`, text }));
    const { changes } = migrate(before, APP);
    assert.ok(changes.length > 50);
    assert.equal(await complaints(checkout("chance-before", before)), "");
    assert.equal(await complaints(checkout("chance-after", changes)), "");
  });

  it("would complain about a step that is not there, and about a secret that a called workflow does not declare", async () => {
    const files = filesIn(AFTER);
    const broken = files.map(({ path, text }) => ({
      path,
      text: path.endsWith("deploy-called.yml")
        ? text.replace(/^ +P24_BOT_APP_ID:\n +required: true\n/m, "")
        : text.replace("id: app-token", "id: another"),
    }));
    const said = await complaints(checkout("broken", broken));
    assert.match(said, /property "app-token" is not defined/);
    assert.match(said, /secret "P24_BOT_APP_ID" is not defined|property "p24_bot_app_id" is not defined/);
  });
});
