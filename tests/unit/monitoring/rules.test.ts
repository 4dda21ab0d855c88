/**
 * The alert rules against what they speak of: metrics that the host program writes, sections of the runbook, tests of both
 * outcomes. Whether they fire is promtool's to say (tests/lab/metrics.test.ts).
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { parse } from "yaml";

const ROOT = join(__dirname, "../../..");
const textOf = (path: string) => readFile(join(ROOT, path), "utf8");

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

interface Outcome {
  readonly alertname: string;
  readonly exp_alerts: readonly object[];
}

describe("the alert rules", () => {
  let rules: readonly Rule[];
  before(async () => {
    const { groups } = parse(await textOf("monitoring/alerts/secrets.rules.yml")) as { groups: { rules: Rule[] }[] };
    rules = groups.flatMap((group) => group.rules);
    assert.ok(rules.length >= 5);
  });

  it("say each how bad it is, where, and which section of the runbook repairs it", async () => {
    const sections = [...(await textOf("docs/runbook.md")).matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    const at = "https://github.com/radieu/p24-infra/blob/main/docs/runbook.md#";
    for (const { alert, labels, annotations, for: patience } of rules) {
      assert.ok(sections.includes(alert), `docs/runbook.md has a section ${alert}`);
      assert.equal(annotations.runbook_url, `${at}${alert.toLowerCase()}`);
      assert.match(annotations.summary, /\{\{ \$labels\.host \}\}/, alert);
      assert.match(labels.severity, /^(critical|warning)$/, alert);
      assert.match(patience, /^\d+[mh]$/, alert);
    }
  });

  it("ask for metrics that the host program writes, and the protocol describes each of those", async () => {
    const written = [...(await textOf("host/p24-host")).matchAll(/^ +gauge (\w+) /gm)].map(([, name]) => name ?? "");
    const protocol = await textOf("docs/host-protocol.md");
    assert.equal(written.length, 8);
    assert.deepEqual(
      written.filter((name) => !protocol.includes(`p24_secrets_${name}\``)),
      [],
    );
    const asked = rules.flatMap(({ expr }) => [...expr.matchAll(/p24_secrets_(\w+)/g)].map(([, name]) => name ?? ""));
    assert.deepEqual(
      asked.filter((name) => !written.includes(name)),
      [],
    );
  });

  it("have each a test in which they fire and one in which they do not", async () => {
    const { tests } = parse(await textOf("monitoring/tests/secrets.test.yml")) as {
      tests: { alert_rule_test: Outcome[] }[];
    };
    const outcomes = tests.flatMap((test) => test.alert_rule_test);
    for (const { alert } of rules) {
      const counts = outcomes.filter((one) => one.alertname === alert).map((one) => one.exp_alerts.length);
      assert.ok(counts.includes(0) && counts.some((count) => count > 0), alert);
    }
  });
});
