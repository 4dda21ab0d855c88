/**
 * Proves how the hook reads .sops.yaml, when it would lock somebody out, and that it agrees with core/model/recipients.ts:
 * what passes in the hook gives every path the same recipients, and the same lock-outs, in the program.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { lockOutFaults } from "../../../core/model/lockOut.js";
import { parseRecipients } from "../../../core/model/recipients.js";
import { changerHits, lockoutHits, readRules, recipientHits, ruleFor } from "../../../guard/rules/recipients.mjs";

const FILE = `keys:
  - &dev_a age1a
  - &dev_b age1b
  - &vps_i1 age1i
  - &gha age1g
creation_rules:
  - path_regex: ^secrets/shared\\.sops\\.yaml$
    key_groups:
      - age: [*dev_a, *dev_b, *vps_i1, *gha]
  - path_regex: ^secrets/(stack|github)\\.sops\\.yaml$
    key_groups:
      - age:
          - *dev_a
          - *gha
`;

function read(text: string) {
  const { rules, hits } = readRules(text);
  assert.ok(rules !== undefined, JSON.stringify(hits));
  return rules;
}

describe(".sops.yaml as the hook sees it", () => {
  it("gives a path the recipients of the first rule that matches", () => {
    const rules = read(FILE);
    assert.deepEqual([...(ruleFor(rules, "secrets/stack.sops.yaml")?.recipients ?? [])], ["age1a", "age1g"]);
    assert.equal(ruleFor(rules, "secrets/other.sops.yaml"), undefined);
    assert.equal(rules.byName.get("dev_b"), "age1b");
  });

  it("reads the repository's own file as the program does", () => {
    const text = readFileSync(join(__dirname, "../../../.sops.yaml"), "utf8");
    const rules = read(text);
    const program = parseRecipients(text, new Set(rules.byName.keys()));
    assert.deepEqual(rules.byName, program.byName);
    for (const path of ["shared", "vps-i1", "vps-h1", "github-actions", "stack", "none"].map(
      (name) => `secrets/${name}.sops.yaml`,
    )) {
      assert.deepEqual(ruleFor(rules, path)?.recipients, program.ruleFor(path), path);
    }
    assert.deepEqual(lockoutHits(rules), []);
  });

  for (const [title, text] of [
    ["no rules", "keys: []\n"],
    ["a rule that is no map", "creation_rules:\n  - age1x\n"],
    ["a pattern that is no pattern", "creation_rules:\n  - path_regex: a(\n    age: age1x\n"],
    ["a pattern that is a list", "creation_rules:\n  - path_regex: [a]\n    age: age1x\n"],
    ["an alias of nothing", "creation_rules:\n  - age: [*x]\n"],
    ["more YAML than is known", "creation_rules: !!seq\n  - age: age1x\n"],
  ] as const) {
    it(`is refused with ${title}`, () => {
      const { rules, hits } = readRules(text);
      assert.equal(rules, undefined);
      assert.deepEqual(
        hits.map(({ rule }) => rule),
        ["sops-rules"],
      );
    });
  }

  it("locks nobody out with two recipients a rule, one of them a developer's", () => {
    assert.deepEqual(lockoutHits(read(FILE)), []);
  });

  const rule = (body: string) =>
    `keys:\n  - &dev_a age1a\n  - &vps age1v\n  - &also_a age1a\ncreation_rules:\n  - path_regex: x\n${body}`;
  for (const [title, body, expected] of [
    ["one recipient", "    age: age1a\n", [/fewer than two/]],
    ["the same recipient under two names", "    key_groups:\n      - age: [*dev_a, *also_a]\n", [/fewer than two/]],
    ["no developer", "    age: age1v,age1w\n", [/no developer/]],
    ["nobody", "    pgp: ABC\n", [/fewer than two/, /no developer/]],
    ["several groups", "    key_groups:\n      - age: [*dev_a]\n      - age: [*vps]\n", [/groups/]],
    ["a threshold", "    shamir_threshold: 2\n    key_groups:\n      - age: [*dev_a, *vps]\n", [/groups/]],
  ] as const) {
    it(`would lock out with ${title}`, () => {
      const hits = lockoutHits(read(rule(body)));
      assert.equal(hits.length, expected.length);
      expected.forEach((pattern, at) => {
        assert.match(hits[at]?.what ?? "", pattern);
      });
      assert.ok(hits.every((hit) => hit.rule === "lock-out" && hit.line === 6));
    });
  }

  const after = FILE.replace("[*dev_a, *dev_b, *vps_i1, *gha]", "[*dev_b, *vps_i1, *gha]");
  for (const [title, before, mine, expected] of [
    ["takes themselves out", FILE, ["age1a"], 1],
    ["takes another out", FILE, ["age1b"], 0],
    ["has no identity here", FILE, [], 1],
    ["changes nothing of the rules", after, [], 0],
    ["writes all rules anew and is in all of them", undefined, ["age1g"], 0],
    ["writes all rules anew and is in one of them", undefined, ["age1b"], 1],
  ] as const) {
    it(`${expected === 0 ? "lets pass" : "refuses"} who ${title}`, () => {
      const hits = changerHits(before === undefined ? undefined : read(before), read(after), new Set(mine));
      assert.equal(hits.length, expected);
    });
  }

  it("asks nobody who changes placeholders", () => {
    const text = FILE.replaceAll("age1a", "age1placeholder-a");
    assert.deepEqual(changerHits(undefined, read(text), new Set()), []);
  });

  for (const [title, path, recipients, expected] of [
    ["equal", "secrets/stack.sops.yaml", ["age1g", "age1a"], []],
    ["one too many", "secrets/stack.sops.yaml", ["age1g", "age1a", "age1i"], ["source-recipients"]],
    ["one missing", "secrets/stack.sops.yaml", ["age1a"], ["source-recipients"]],
    ["no rule", "secrets/new.sops.yaml", ["age1a"], ["source-recipients"]],
    ["no rule, elsewhere", "other/new.sops.yaml", ["age1a"], []],
  ] as const) {
    it(`says of a source's recipients: ${title}`, () => {
      assert.deepEqual(
        recipientHits(read(FILE), path, new Set(recipients)).map(({ rule: of }) => of),
        expected,
      );
    });
  }

  it("what passes in the hook gives the same recipients in the program", () => {
    const anchor = fc.constantFrom("*dev_a", "*dev_b", "*gha", "age1x", '"age1y"', "'age1z, age1w'", "FBC7B9E2");
    const list = fc.array(anchor, { minLength: 1, maxLength: 3 });
    const group = fc.oneof(
      list.map((items) => `    key_groups:\n      - age: [${items.join(", ")}]\n`),
      list.map((items) => `    key_groups:\n      - age:\n${items.map((item) => `          - ${item}\n`).join("")}`),
      list.map((items) => `    age: ${items.filter((item) => /^age/.test(item)).join(",") || "age1q"}\n`),
      list.map(() => "    age: >-\n      age1m,\n      age1n\n"),
      fc.constant("    pgp: age1not\n"),
      fc.constant("    key_groups: [{ age: [*dev_a] }, { age: [*gha] }]\n"),
      fc.constant("    key_groups: &two [{ age: [*dev_a] }, { age: [*gha] }]\n"),
      fc.constant("    shamir_threshold: 1\n    age: age1a\n"),
      fc.constant(""),
    );
    const rules = fc.array(fc.tuple(fc.constantFrom("x", "^secrets/", "a|b", "shared\\.sops", "'quoted$'"), group), {
      maxLength: 4,
    });
    const texts = rules.map(
      (all) =>
        `keys:\n  - &dev_a age1a\n  - &dev_b age1b\n  - &gha age1g # ci\ncreation_rules:\n` +
        all.map(([pattern, body]) => `  - path_regex: ${pattern}\n${body}`).join(""),
    );
    const broken = fc
      .tuple(texts, fc.nat(), fc.constantFrom("", " ", "\n", "#", "- ", "*", "x", "["), fc.nat(5))
      .map(([text, at, sign, cut]) => text.slice(0, at % text.length) + sign + text.slice((at % text.length) + cut));
    // Found by chance: a list's item that became the name of a map.
    const nameOfMap = "creation_rules:\n  - key_groups:\n      - age:\n          - age1a\n          - age1b: x\n";
    let passed = 0;
    fc.assert(
      fc.property(fc.oneof(texts, broken), (text) => {
        const { rules: seen } = readRules(text);
        if (seen === undefined) {
          return;
        }
        const program = parseRecipients(text, new Set(seen.byName.keys()));
        assert.deepEqual(seen.byName, program.byName, JSON.stringify(text));
        assert.deepEqual(
          lockoutHits(seen).map(({ what }) => what.replace("this rule ", "")),
          lockOutFaults(program).map(({ what }) => what),
          JSON.stringify(text),
        );
        for (const path of ["x", "secrets/shared.sops.yaml", "a", "quoted"]) {
          assert.deepEqual(ruleFor(seen, path)?.recipients, program.ruleFor(path), JSON.stringify(text));
        }
        passed += 1;
      }),
      { numRuns: 1500, examples: [[nameOfMap]] },
    );
    assert.ok(passed > 250, `only ${String(passed)} passed`);
  });
});
