/**
 * Proves that no value reaches the engine: random canaries go in as git's values, and everything that the components
 * register (inputs, options, outputs, names) is searched for them, with Pulumi's own secret envelope opened. Mocks see
 * what goes over the wire; what the engine then stores is searched in tests/sandbox.
 */
import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { hostArgs, repositoryArgs } from "../../components/args.js";
import { GitHubActionsSecrets } from "../../components/githubActionsSecrets.js";
import { VpsEnvFile } from "../../components/vpsEnvFile.js";
import { compactReport, renderReport } from "../../core/compare/render.js";
import { assessmentOf, HOST, sealable } from "../support/assessment.js";
import { canary, leaked } from "../support/canary.js";
import { find, record } from "../support/mocks.js";
import { healthyHost } from "../support/observation.js";
import { sampleSettings } from "../support/settings.js";

const MONDAY = "2026-01-05T10:00:00Z";

function values(prefix: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`${prefix}_${String(index)}`, canary()]));
}

describe("canaries as secrets", () => {
  for (const preview of [true, false]) {
    it(`reach no request of ${preview ? "a preview" : "an up"}, wrapped or not`, async () => {
      const [github, host] = [values("G"), values("H")];
      const { box, open } = await sealable();
      const { seen, signingPem, identity } = await assessmentOf({
        github,
        host,
        repository: { seen: { secrets: new Map([["G_1", MONDAY]]), box } },
        observedHost: { seen: healthyHost({ foreign: ["H_1"] }) },
      });
      const settings = sampleSettings();
      const ofHost = settings.hosts[HOST];
      assert.ok(ofHost !== undefined);
      const [secrets, envFile] = [
        await repositoryArgs(seen, settings, "p24-infra"),
        await hostArgs(seen, HOST, ofHost),
      ];
      const { resources } = await record(
        () => [new GitHubActionsSecrets("p24-infra", secrets), new VpsEnvFile(HOST, envFile)],
        { [HOST]: { done: { stdout: pulumi.secret("applied 1") } } },
        { preview },
      );

      assert.equal(resources.length, 1 + 2 * 5 + 2);
      const canaries = [...Object.values(github), ...Object.values(host), signingPem.slice(28, 88), identity.identity];
      const everything =
        JSON.stringify(resources) + renderReport(seen.reports) + JSON.stringify(compactReport(seen.reports));
      assert.deepEqual(leaked(everything, canaries), []);

      const sealed = find(resources, "github:index/actionsSecret:ActionsSecret", "p24-infra/G_0").inputs.valueEncrypted;
      const text = typeof sealed === "string" ? sealed : (sealed as { value: string }).value;
      assert.equal(open(text), github["G_0"], "the search looked at the sealed value itself");
    });
  }

  it("would be found: plain, in hex, and in base64 at each of its three offsets", () => {
    const value = canary();
    const forms = ["", "x", "xy"].map((before) => Buffer.from(`${before}${value}z`).toString("base64"));
    for (const text of [`a${value}b`, Buffer.from(value).toString("hex"), ...forms]) {
      assert.deepEqual(leaked(text, [value]), [value]);
    }
    assert.deepEqual(leaked("nothing", [value]), []);
  });
});
