/**
 * Runs the operator's documents: every command in them, in order, in an operator's clone against emulated services with the
 * real engine, sops, age and git. What it does not prove: what stands in their blocks by hand, and PowerShell's quoting beyond
 * what it shares with a POSIX shell.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { inWorktree } from "../../../sandbox/world/engine.js";
import { canary, leaked } from "../../support/canary.js";
import { numbered, teamWith } from "../../support/program.js";
import { readDocument } from "../../support/runnableDocs.js";
import { useWorld } from "../../support/world.js";
import { ACTIONS } from "./actions.js";

const ROOT = join(__dirname, "../../..");

/** The team before the page: `add` brings the secret that the spec's example adds. */
function team() {
  const { shared, ...rest } = teamWith(numbered(2));
  return {
    ...rest,
    shared: Object.fromEntries(Object.entries(shared).filter(([key]) => key !== "pdf_service_api_key")),
  };
}

for (const name of ["secrets-management.md", "runbook.md"]) {
  describe(`docs/${name}`, () => {
    const world = useWorld({ secrets: team() });
    const { steps, byHand } = readDocument(readFileSync(join(ROOT, "docs", name), "utf8"));
    // The operator answers yes, and npm does not ask its registry for a newer npm.
    const env: Record<string, string> = { PULUMI_SKIP_CONFIRMATIONS: "true", npm_config_update_notifier: "false" };
    const values: string[] = [];
    const value = () => {
      const made = canary();
      values.push(made);
      return made;
    };
    const run = (words: readonly string[], input: string) =>
      inWorktree(world(), words[0] ?? "", words.slice(1), { env, input });

    before(async function () {
      this.timeout(300_000);
      const { code, stdout, stderr } = await run(["npm", "run", "up"], "");
      assert.equal(code, 0, stdout + stderr);
    });

    it("has commands, and says of each block that is not run why", () => {
      assert.ok(steps.length > 20);
      assert.deepEqual(
        byHand.filter(({ reason }) => reason === undefined),
        [],
      );
    });

    for (const step of steps) {
      if ("action" in step) {
        it(`line ${String(step.line)}: (${[step.action, ...step.words].join(" ")})`, async () => {
          const action = ACTIONS[step.action];
          assert.ok(action !== undefined, "an action of actions.ts");
          await action({ world: world(), env, value }, ...step.words);
        });
      } else {
        it(`line ${String(step.line)}: ${step.words.join(" ")}`, async function () {
          this.timeout(300_000);
          const words = step.words.map((word) => (word === "age1…" ? (env["P24_TEST_RECIPIENT"] ?? word) : word));
          const { code, stdout, stderr } = await run(words, step.wantsValue ? `${value()}\n` : "");
          assert.equal(code, step.code, stdout + stderr);
          assert.deepEqual(leaked(stdout + stderr, values), []);
        });
      }
    }
  });
}
