/** Proves by which rules of .sops.yaml somebody counts as locked out. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import fc from "fast-check";

import { lockoutHits, readRules } from "../../../guard/rules/recipients.mjs";
import { lockOutFaults } from "../../../core/model/lockOut.js";
import { parseRecipients } from "../../../core/model/recipients.js";

const KEYS =
  "keys:\n  - &dev_radieu age1dev\n  - &dev_other age1other\n  - &vps_i1 age1host\n  - &gha_runner age1runner\n";

function problems(rule: string): string[] {
  const { rules, byName } = parseRecipients(`${KEYS}creation_rules:\n  - path_regex: ^secrets/\n${rule}`);
  return lockOutFaults({ rules, byName }).map(({ what }) => what.split(/[:(,]/)[0]?.trim() ?? "");
}

const NO_DEVELOPER = "has no developer";
const ONE = "has fewer than two recipients";
const SPLIT = "splits its files over groups";

describe("lock-out", () => {
  const cases: readonly [string, string, string[]][] = [
    ["a developer and a runner", "    key_groups: [{ age: [*dev_radieu, *gha_runner] }]\n", []],
    ["two developers", "    key_groups: [{ age: [*dev_radieu, *dev_other] }]\n", []],
    ["a developer alone", "    key_groups: [{ age: [*dev_radieu] }]\n", [ONE]],
    ["a developer twice", "    age: age1dev,age1dev\n", [ONE]],
    ["a host and the runner", "    key_groups: [{ age: [*vps_i1, *gha_runner] }]\n", [NO_DEVELOPER]],
    ["a host alone: the spec's own example", "    age: age1host\n", [ONE, NO_DEVELOPER]],
    ["nobody", "    pgp: FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4\n", [ONE, NO_DEVELOPER]],
    ["a recipient without a name beside a developer", "    age: age1dev,age1unnamed\n", []],
    ["two groups", "    key_groups: [{ age: [*dev_radieu, *vps_i1] }, { age: [*gha_runner] }]\n", [SPLIT]],
    ["a threshold", "    shamir_threshold: 2\n    key_groups: [{ age: [*dev_radieu, *vps_i1] }]\n", [SPLIT]],
  ];
  for (const [title, rule, expected] of cases) {
    it(`${expected.length === 0 ? "takes" : "warns of"} ${title}`, () => {
      assert.deepEqual(problems(rule), expected);
    });
  }

  it("takes the repository's own rules", async () => {
    const text = await readFile(join(__dirname, "../../../.sops.yaml"), "utf8");
    const names = new Set(["dev_radieu", "vps_i1", "vps_h1", "gha_runner"]);
    assert.deepEqual(lockOutFaults(parseRecipients(text, names)), []);
  });

  it("is decided by the hook and CI in the same way, for any rules", () => {
    const names = ["dev_radieu", "dev_other", "vps_i1", "gha_runner"];
    const group = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 });
    const rule = fc.record({ groups: fc.array(group, { minLength: 1, maxLength: 2 }), threshold: fc.boolean() });
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), (rules) => {
        const lines = rules.flatMap(({ groups, threshold }) => [
          "  - path_regex: ^secrets/",
          ...(threshold ? ["    shamir_threshold: 2"] : []),
          "    key_groups:",
          ...groups.map((group) => `      - age: [${group.map((name) => `*${name}`).join(", ")}]`),
        ]);
        const text = `${KEYS}creation_rules:\n${lines.join("\n")}\n`;
        const ours = lockOutFaults(parseRecipients(text)).map(({ what }) => `this rule ${what}`);
        const read = readRules(text);
        assert.ok(read.rules !== undefined);
        assert.deepEqual(
          lockoutHits(read.rules).map(({ what }) => what),
          ours,
        );
      }),
    );
  });

  it("is free of faults exactly when any one identity may be lost and a developer still opens every file, or another does", () => {
    const holders = ["dev_a", "dev_b", "vps_i1", "gha_runner"] as const;
    const rules = fc.array(fc.uniqueArray(fc.constantFrom(...holders)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(rules, (groups) => {
        const byName = new Map(holders.map((name) => [name, `age1${name}`]));
        const list = groups.map((group, at) => ({
          name: String(at),
          pattern: /x/,
          recipients: new Set(group.map((name) => `age1${name}`)),
          split: false,
        }));
        const survives = list.every(
          ({ recipients }) =>
            [...holders].every((lost) => [...recipients].some((one) => one !== `age1${lost}`)) &&
            [...recipients].some((one) => one.startsWith("age1dev_")),
        );
        assert.equal(lockOutFaults({ byName, rules: list }).length === 0, survives);
      }),
    );
  });
});
