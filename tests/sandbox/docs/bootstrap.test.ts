/**
 * Runs docs/bootstrap.md: every command in it, in order, in a copy of this repository with templates, against emulated GitHub and
 * hosts, with the real engine, sops and git. What it does not prove: what stands in its blocks by hand, and Windows.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { inWorktree } from "../../../sandbox/world/engine.js";
import { OWNER } from "../../../sandbox/world/github.js";
import { useBareWorld } from "../../support/bareWorld.js";
import { asLines, templateValues } from "../../support/bootstrap.js";
import { leaked } from "../../support/canary.js";
import { readDocument } from "../../support/runnableDocs.js";

const DOCUMENT = join(__dirname, "../../../docs/bootstrap.md");

describe("docs/bootstrap.md", () => {
  const world = useBareWorld();
  const values = templateValues();
  const canaries = values.map(({ value }) => value);
  const { steps, byHand } = readDocument(readFileSync(DOCUMENT, "utf8"));

  it("has commands, and says of each block that is not run why", () => {
    assert.ok(steps.length >= 9);
    assert.deepEqual(
      byHand.filter(({ reason }) => reason === undefined),
      [],
    );
  });

  for (const step of steps) {
    if ("action" in step) {
      it(`line ${String(step.line)}: (${[step.action, ...step.words].join(" ")})`, () => {
        assert.equal(step.action, "github-secrets");
        for (const name of step.words) {
          world().github.setSecret(OWNER, "p24-infra", name, "set by hand");
        }
      });
    } else {
      it(`line ${String(step.line)}: ${step.words.join(" ")}`, async function () {
        this.timeout(300_000);
        const env = {
          PULUMI_BACKEND_URL: `file://${world().paths.backend}`,
          PULUMI_SKIP_CONFIRMATIONS: "true",
          npm_config_update_notifier: "false",
        };
        const [command = "", ...args] = step.words;
        const input = args.includes("-") ? asLines(values) : "";
        const { code, stdout, stderr } = await inWorktree(world(), command, args, { env, input });
        assert.equal(code, step.code, stdout + stderr);
        assert.deepEqual(leaked(stdout + stderr, canaries), []);
      });
    }
  }
});
