/**
 * Proves that a place which is only verified declares nothing but itself, and tells each fault as an error. Without an engine
 * the SDK tells errors on stderr; which component they belong to, and that they make a preview red, is proved with the real
 * one in tests/sandbox/program.
 */
import assert from "node:assert/strict";

import type { Check, CheckArgs } from "../../components/check.js";
import { GitHubApp } from "../../components/githubApp.js";
import { VercelIntegrationCheck } from "../../components/vercelIntegrationCheck.js";
import { checkReport } from "../../core/compare/report.js";
import { record } from "../support/mocks.js";

const FAULTS = [
  { where: "A", what: "is odd", repair: "look" },
  { where: "B", what: "is gone", repair: "search" },
];

const COMPONENTS: readonly [string, string, (args: CheckArgs) => Check][] = [
  ["p24:github:App", "p24-infra-bot", (args) => new GitHubApp("p24-infra-bot", args)],
  ["p24:vercel:IntegrationCheck", "vercel", (args) => new VercelIntegrationCheck("vercel", args)],
];

for (const [type, name, make] of COMPONENTS) {
  describe(type, () => {
    const declare = async (reports: CheckArgs["reports"]) => {
      const errors: unknown[] = [];
      const { error } = console;
      console.error = (text: unknown) => void errors.push(text);
      try {
        const { resources, result } = await record(() => make({ reports }));
        await result.told;
        return { resources, errors };
      } finally {
        console.error = error;
      }
    };

    it("declares itself, without inputs and outputs", async () => {
      const { resources, errors } = await declare([checkReport("p", "verified", 3, [], ["a note"])]);
      assert.deepEqual(
        resources.map((one) => [one.type, one.name, one.inputs, one.outputs]),
        [[type, name, {}, {}]],
      );
      assert.deepEqual(errors, []);
    });

    it("tells every fault as an error, once", async () => {
      const reports = [...FAULTS, ...FAULTS].map((fault) => checkReport("p", "verified", 0, [{ ...fault }]));
      const { errors } = await declare(reports);
      assert.deepEqual(errors, [
        "error: [runtime] A: is odd. Repair: look",
        "error: [runtime] B: is gone. Repair: search",
      ]);
    });
  });
}
