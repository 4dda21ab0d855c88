/**
 * Proves with the real actionlint that the workflow of docs/gateway.md is one, and gives the action inputs that it has. What
 * actionlint does not look at is action.yml itself: tests/unit/gateway/action.test.ts runs it.
 */
import assert from "node:assert/strict";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { useActionlint } from "../../support/actionlint.js";

const ROOT = join(__dirname, "../../..");

describe("the workflow of docs/gateway.md", () => {
  const { folder, lint: lintAll } = useActionlint();
  before(async () => {
    await mkdir(join(folder(), ".github/workflows"), { recursive: true });
    await cp(join(ROOT, ".github/actions"), join(folder(), ".github/actions"), { recursive: true });
  });

  const lint = async (workflow: string) => {
    await writeFile(join(folder(), ".github/workflows/dns.yml"), workflow);
    return lintAll();
  };

  it("is taken by actionlint, which knows the action's inputs and outputs", async () => {
    const documents = await readFile(join(ROOT, "docs/gateway.md"), "utf8");
    const workflow = /```yaml\n(name: DNS\n.*?)```/s.exec(documents)?.[1] ?? "";
    assert.deepEqual(await lint(workflow), { code: 0, stdout: "" });
    const wrong = await lint(workflow.replace("gateway: https", "gatway: https"));
    assert.match(wrong.stdout, /input "gatway" is not defined in action/);
  });
});
