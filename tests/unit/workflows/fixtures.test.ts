/**
 * Proves on a checkout of workflows that differ in form (the four of spec 03 by name) what each becomes, byte for byte, that
 * a second run changes nothing, and that a personal token is left only where a finding says so. That GitHub would take the
 * files is for tests/sandbox/workflows/actionlint.test.ts.
 */
import assert from "node:assert/strict";

import { parse, parseDocument } from "yaml";

import { type Finding, migrate } from "../../../core/workflows/migrate.js";
import { AFTER, APP, BEFORE, filesIn, personalUses } from "../../support/workflows.js";

const OF_THE_SPEC: readonly [string, number][] = [
  ["health-check.yml", 3],
  ["provision-new-vps.yml", 1],
  ["update-claude-env.yml", 1],
  ["secrets-sync.yml", 1],
];

describe("the migration of a checkout", () => {
  const before = filesIn(BEFORE);
  const after = filesIn(AFTER);
  const migration = migrate(before, APP);
  const written = before.map((file) => migration.changes.find(({ path }) => path === file.path) ?? file);

  for (const { path, text } of after) {
    it(`gives ${path} as it is expected`, () => {
      assert.equal(written.find((file) => file.path === path)?.text, text);
    });
  }

  it("has an expected result for every file", () => {
    assert.deepEqual(
      before.map(({ path }) => path),
      after.map(({ path }) => path),
    );
  });

  for (const [name, uses] of OF_THE_SPEC) {
    it(`replaces what spec 03 counts in ${name}, and takes its reminders out`, () => {
      const change = migration.changes.find(({ path }) => path === `.github/workflows/${name}`);
      assert.equal(change?.replaced.length, uses);
      assert.doesNotMatch(change.text, /TODO: replace with/);
    });
  }

  it("changes nothing when it is run again, and says the same of what is left", () => {
    const again = migrate(written, APP);
    const place = ({ path, after: line, name, what }: Finding) => ({ path, line, name, what });
    assert.deepEqual(again.changes, []);
    assert.deepEqual(
      again.left.map((finding) => ({ ...place(finding), line: finding.before })),
      migration.left.map(place),
    );
    assert.deepEqual(
      again.vercel.map(({ before: line }) => line),
      migration.vercel.map(({ after: line }) => line),
    );
  });

  it("leaves a personal token only where it says so", () => {
    const told = new Set(migration.left.map(({ path, after: line }) => `${path}:${String(line)}`));
    assert.deepEqual(new Set(personalUses(written)), told);
    assert.ok(personalUses(before).length > personalUses(written).length + 40);
  });

  it("leaves what a file means alone but for the token: the same jobs and steps, in the same order", () => {
    for (const { path, text } of migration.changes.filter((change) => !change.path.includes("called"))) {
      const stepsOf = (source: string) =>
        Object.entries(parse(source).jobs as Record<string, { steps?: { uses?: string; run?: string }[] }>).map(
          ([id, { steps = [] }]) => [
            id,
            steps
              .filter(({ uses = "" }) => !uses.startsWith("actions/create-github-app-token@"))
              .map(({ uses, run }) => uses ?? run?.replace(/(?:secrets|steps)[^}]*/g, "x")),
          ],
        );
      assert.deepEqual(stepsOf(text), stepsOf(before.find((file) => file.path === path)?.text ?? ""), path);
    }
  });

  it("edits the text at the nodes, because yaml's document model writes half of these files otherwise without any change", () => {
    const changed = before.filter(({ text }) => parseDocument(text).toString() !== text);
    assert.ok(changed.length >= before.length / 2, `${String(changed.length)} of ${String(before.length)}`);
  });
});
