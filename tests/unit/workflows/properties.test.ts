/**
 * Proves over workflows made by chance, in many ways of writing YAML, that a migration touches the lines of the consumers
 * and nothing else, that each consuming step has the token's step before it and sees what it saw before, and that a second
 * run finds nothing. The generator knows where it put consumers; what GitHub makes of a file is modelled by `effectiveSteps`.
 */
import assert from "node:assert/strict";

import fc from "fast-check";
import { parse } from "yaml";

import { migrate } from "../../../core/workflows/migrate.js";
import { APP, personalUses } from "../../support/workflows.js";
import { anyWorkflow } from "../../support/workflowsByChance.js";

const ACTION = "actions/create-github-app-token@";

/** A line as it is with any personal token, or with the App's. */
function neutral(line: string): string {
  return line.replace(
    /secrets(?:\.|\['{1,2})(?:GH_PAT|GH_TOKEN|P24_INFRA_GH_TOKEN)(?:'{1,2}\])?(?![\w'])|steps\.(?:p24-)?app-token\.outputs\.token/g,
    "TOKEN",
  );
}

/** The new text without the steps that make the token and without the variables that moved; else as it is. */
function withoutAdded(text: string): string[] {
  const made = new RegExp(
    `^( *)- uses: ${ACTION}[^\\n]*\\n(?:\\1  [^\\n]*\\n)+?\\1 +repositories: [^\\n]*\\n(?:\\r?\\n(?=\\1(?:- |#)))?`,
    "gm",
  );
  return text.replace(made, "").split(/\r?\n/);
}

type Step = Record<string, unknown> & { env?: Record<string, string>; uses?: string; id?: string };
interface Parsed {
  env?: Record<string, string>;
  jobs: Record<string, { env?: Record<string, string>; steps: Step[] }>;
}

/** What each step of a job is and sees: its keys, and the variables of all levels, with tokens made neutral. */
function effectiveSteps(text: string): Record<string, Step[]> {
  const { env, jobs } = parse(text) as Parsed;
  const plain = (each: unknown) => JSON.parse(neutral(JSON.stringify(each))) as Step;
  return Object.fromEntries(
    Object.entries(jobs).map(([id, each]) => [
      id,
      each.steps
        .filter(({ uses = "" }) => !uses.startsWith(ACTION))
        .map((one) => plain({ ...one, env: { ...env, ...each.env, ...one.env } })),
    ]),
  );
}

/** Steps that are known not to read a variable lose it when it moves; nobody else does. */
function isQuiet({ run, uses }: Step, variable: string): boolean {
  return run === "echo hello" || uses === "actions/checkout@v4" || (run === 'echo "$ABOVE"' && variable !== "ABOVE");
}

describe("a workflow made by chance", () => {
  const migrated = (text: string) => {
    const migration = migrate([{ path: "a.yml", text }], APP);
    return { ...migration, text: migration.changes[0]?.text ?? text };
  };
  const holds = (check: (text: string, after: ReturnType<typeof migrated>) => void) => () => {
    fc.assert(
      fc.property(anyWorkflow, (text) => {
        check(text, migrated(text));
      }),
      { numRuns: 100 },
    );
  };

  it(
    "keeps every line without a consumer byte for byte, in its order",
    holds((text, after) => {
      const moved = /^\s*(?:ABOVE|OVERALL): /;
      const comparable = (lines: readonly string[]) =>
        lines.filter((line) => !moved.test(line) && !/^\s*env:\s*$/.test(line)).map(neutral);
      // Ends of lines are for the next test: a last line without one gets one when something comes behind it.
      const [before, now] = [text.split(/\r?\n/), withoutAdded(after.text)];
      assert.deepEqual(comparable(now), comparable(before));
      // And what was compared as equal is equal, but where a token stood.
      assert.deepEqual(
        now.filter((line) => !neutral(line).includes("TOKEN")),
        now.filter((line) => !neutral(line).includes("TOKEN") && (before.includes(line) || /^\s*env:\s*$/.test(line))),
      );
    }),
  );

  it(
    "has ends of lines of one kind only",
    holds((text, after) => {
      const kinds = (source: string) => [...new Set(source.match(/\r?\n/g))];
      assert.deepEqual(kinds(after.text), kinds(text));
      assert.equal(/\n$/.test(after.text), /\n$/.test(text));
    }),
  );

  it(
    "shows every step what it saw before",
    holds((text, after) => {
      const [before, now] = [effectiveSteps(text), effectiveSteps(after.text)];
      assert.deepEqual(Object.keys(now), Object.keys(before));
      for (const [id, steps] of Object.entries(before)) {
        assert.equal(now[id]?.length, steps.length);
        for (const [index, step] of steps.entries()) {
          const found: Step = (now[id] ?? [])[index] ?? {};
          const lost = Object.keys(step.env ?? {}).filter((name) => found.env?.[name] === undefined);
          assert.deepEqual(
            lost.filter((name) => !isQuiet(step, name)),
            [],
            `${id}.${String(index)}`,
          );
          const kept = Object.fromEntries(Object.entries(step.env ?? {}).filter(([name]) => !lost.includes(name)));
          assert.deepEqual(found, { ...step, env: kept });
        }
      }
    }),
  );

  it(
    "makes the token once a job, before the first step that uses it",
    holds((_text, after) => {
      const { jobs } = parse(after.text) as Parsed;
      for (const { steps } of Object.values(jobs)) {
        const made = steps.flatMap(({ uses = "" }, index) => (uses.startsWith(ACTION) ? [index] : []));
        const used = steps.flatMap((step, index) => (JSON.stringify(step).includes("steps.app-token.") ? [index] : []));
        assert.ok(made.length <= 1);
        assert.equal(made.length === 1, used.length > 0);
        if (used.length > 0) {
          assert.equal(made[0], (used[0] ?? 0) - 1);
        }
      }
    }),
  );

  it(
    "has no personal token left but those that are told, and a second run finds nothing",
    holds((_text, after) => {
      const told = after.left.map(({ path, after: line }) => `${path}:${String(line)}`);
      assert.deepEqual([...new Set(personalUses([{ path: "a.yml", text: after.text }]))], [...new Set(told)]);
      assert.deepEqual(migrated(after.text).changes, []);
    }),
  );
});
