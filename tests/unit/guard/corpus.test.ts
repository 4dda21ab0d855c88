/**
 * Proves on a corpus what the rules find and what they leave alone: every form of private material in every encoding, and
 * hundreds of harmless texts. Both are made while the test runs; the harmless ones partly are real files. Proof limit: what
 * is not in the corpus. The routes by which a content gets into a commit: tests/sandbox/guard/routes.test.ts.
 */
import assert from "node:assert/strict";

import { ContentJudge } from "../../../guard/judge.mjs";
import { MATERIAL_RULES } from "../../../guard/rules/material.mjs";
import { judgeText } from "../../../guard/texts.mjs";
import { ENCODINGS } from "../../support/corpus/encodings.js";
import { assignmentForms, materialForms } from "../../support/corpus/material.js";
import { harmless } from "../../support/corpus/negatives.js";

/** The rules that fire, as the hook would judge the content, in chunks as git gives them. */
function judge(path: string, content: Buffer): string[] {
  const judged = new ContentJudge(path, "100644");
  for (let at = 0; at < content.length; at += 65_536) {
    judged.push(content.subarray(at, at + 65_536));
  }
  const hits = judged.end();
  const ofText = judged.text === undefined ? [] : judgeText(judged.kind, judged.text, path).hits;
  return [...hits, ...ofText].map(({ rule, line }) => `${rule}:${String(line)}`);
}

describe("the guard's corpus", function () {
  this.timeout(120_000);
  const numbers = { positive: 0, missed: 0, negative: 0, alarms: 0 };

  it("has no miss: every form of material in every encoding", async () => {
    const missed: string[] = [];
    const found = new Set<string>();
    for (const { rule, name, make } of await materialForms()) {
      for (const encoding of ENCODINGS) {
        numbers.positive += 1;
        const hits = judge("notes.txt", encoding.encode(make()));
        if (hits.some((hit) => hit.startsWith(`${rule}:`))) {
          found.add(rule);
        } else {
          missed.push(`${name}: ${encoding.name}`);
        }
      }
    }
    numbers.missed += missed.length;
    assert.deepEqual(missed, []);
    assert.deepEqual([...found].sort(), [...MATERIAL_RULES].sort(), "every rule has a form in the corpus");
  });

  it("has no miss: values behind a name, in the writing of many languages", () => {
    const missed: string[] = [];
    for (const { rule, name, make } of assignmentForms()) {
      for (const encoding of ENCODINGS.filter(({ name: of }) => /^(?:plain|CRLF|UTF-16|far down)/.test(of))) {
        for (let time = 0; time < 5; time += 1) {
          numbers.positive += 1;
          const text = make();
          if (!judge("notes.txt", encoding.encode(text)).some((hit) => hit.startsWith(`${rule}:`))) {
            // Of an assignment it is the value that decides, and it is a random one of this run.
            missed.push(`${name}: ${encoding.name}: ${text}`);
          }
        }
      }
    }
    numbers.missed += missed.length;
    assert.deepEqual(missed, []);
  });

  it("has at most one false alarm in a hundred harmless texts", async () => {
    const alarms: string[] = [];
    const texts = await harmless();
    for (const { path, content } of texts) {
      const hits = judge(path, content);
      if (hits.length > 0) {
        alarms.push(`${path}: ${hits.join(", ")}`);
      }
    }
    numbers.negative = texts.length;
    numbers.alarms = alarms.length;
    assert.ok(
      alarms.length * 100 <= texts.length,
      `${String(alarms.length)} of ${String(texts.length)}:\n${alarms.join("\n")}`,
    );
  });

  after(() => {
    const { positive, missed, negative, alarms } = numbers;
    console.log(
      `      corpus: ${String(positive)} positive, ${String(missed)} missed; ` +
        `${String(negative)} negative, ${String(alarms)} false alarms (${((alarms / negative) * 100).toFixed(1)} %)`,
    );
    assert.ok(positive >= 300 && negative >= 300);
  });
});
