/**
 * Proves which sources the hook lets pass, and that it agrees with the program: what passes in the hook passes in
 * core/sources/structure.ts with the same keys and recipients, and what sops writes passes in both.
 */
import assert from "node:assert/strict";

import fc from "fast-check";

import { ROOTS_OF_TRUST as MODEL_ROOTS, TEMPLATE_VALUE as MODEL_TEMPLATE_VALUE } from "../../../core/model/names.js";
import { readStructure, type SourceStructure } from "../../../core/sources/structure.js";
import { isRulesPath, isSourcePath } from "../../../guard/rules/names.mjs";
import { readSource, ROOTS_OF_TRUST, TEMPLATE_VALUE } from "../../../guard/rules/sources.mjs";
import { temporaryFolder } from "../../support/folder.js";
import { ageIdentity } from "../../support/identities.js";
import { sopsText } from "../../support/sopsFiles.js";

const FILE = "secrets/shared.sops.yaml";
const DATA = "fx8ig0b3oT2jD1na6ctTxbLdE0ebZWaDXl6AdfMTTic=";
const ENC = (type = "str") => `ENC[AES256_GCM,data:${DATA},iv:${DATA},tag:s+AsneFtyLI+ixWPsyGJsA==,type:${type}]`;
const METADATA = `sops:
    age:
        - recipient: age1one
          enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==
            -----END AGE ENCRYPTED FILE-----
        - recipient: age1two
          enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            -----END AGE ENCRYPTED FILE-----
    lastmodified: "2026-01-01T00:00:00Z"
    mac: ${ENC()}
    version: 3.13.3
`;

function structure(text: string): SourceStructure | undefined {
  try {
    return readStructure(text, FILE);
  } catch {
    return undefined;
  }
}

const rules = (text: string) => readSource(text, FILE).hits.map(({ rule, line }) => `${rule}:${String(line ?? "")}`);

describe("a source as the hook sees it", () => {
  it("passes when all of it is encrypted", () => {
    const { state, keys, recipients } = readSource(
      `a: ${ENC()}\n#${ENC("comment")}\n"b": '${ENC()}'\n${METADATA}`,
      FILE,
    );
    assert.deepEqual([state, keys, [...recipients]], ["encrypted", ["a", "b"], ["age1one", "age1two"]]);
  });

  it("passes as a template while every value is the placeholder", () => {
    const { state, keys } = readSource("# TEMPLATE - placeholder values.\na: PLACEHOLDER\nb: 'PLACEHOLDER'\n", FILE);
    assert.deepEqual([state, keys], ["template", ["a", "b"]]);
  });

  const cases: readonly [string, string, string[]][] = [
    ["plaintext", "a: x\nb: y\n", ["source-not-encrypted:1"]],
    ["a template with one value in it", "# TEMPLATE\na: PLACEHOLDER\nb: canary\n", ["source-not-encrypted:3"]],
    ["placeholders without the template's mark", "a: PLACEHOLDER\n", ["source-not-encrypted:1"]],
    ["one value in clear", `a: ${ENC()}\nb: canary\n${METADATA}`, ["source-not-encrypted:2"]],
    ["one value encrypted in part", `a: x${ENC()}\n${METADATA}`, ["source-not-encrypted:1"]],
    [
      "one value in sops's form with words in it",
      `a: ${ENC().replace(DATA, "a b")}\n${METADATA}`,
      ["source-not-encrypted:1"],
    ],
    ["a null", `a:\n${METADATA}`, ["source-form:1"]],
    ["an empty value", `a: ""\n${METADATA}`, ["source-form:1"]],
    ["a number", `a: ${ENC("int")}\n${METADATA}`, ["source-form:1"]],
    ["a nested value", `a:\n  b: ${ENC()}\n${METADATA}`, ["source-form:1"]],
    ["a list", `a:\n  - ${ENC()}\n${METADATA}`, ["source-form:1"]],
    ["no MAC", `a: ${ENC()}\n${METADATA.replace(/ *mac:.*\n/, "")}`, ["source-metadata:"]],
    [
      "another service that could open it",
      `a: ${ENC()}\n${METADATA}    pgp:\n        - fp: "0123"\n`,
      ["source-metadata:16"],
    ],
    ["no metadata", `a: ${ENC()}\n`, ["source-not-encrypted:1"]],
    ["conflict markers", `<<<<<<< HEAD\na: ${ENC()}\n=======\n>>>>>>> b\n${METADATA}`, ["source-conflict:"]],
    ["a key twice", `a: ${ENC()}\na: ${ENC()}\n${METADATA}`, ["source-form:2"]],
    ["no YAML", "{[\n", ["source-form:1"]],
    ["no keys", "\n", ["source-form:"]],
    ["a list as a whole", "- a\n", ["source-form:"]],
    ["JSON", `{"a": "canary"}\n`, ["source-form:1"]],
    ["a root of trust", `a: ${ENC()}\nage_key_gha: ${ENC()}\n${METADATA}`, ["root-of-trust:2"]],
    ["a root of trust in a template", "# TEMPLATE\nP24_BOT_PRIVATE_KEY: PLACEHOLDER\n", ["root-of-trust:2"]],
  ];
  for (const [title, text, expected] of cases) {
    it(`is refused with ${title}, and shows no value`, () => {
      assert.deepEqual(rules(text), expected);
      assert.doesNotMatch(JSON.stringify(readSource(text, FILE)), /canary/);
    });
  }

  it("knows the same roots of trust and the same placeholder as the program", () => {
    assert.deepEqual(ROOTS_OF_TRUST, MODEL_ROOTS);
    assert.equal(TEMPLATE_VALUE, MODEL_TEMPLATE_VALUE);
  });

  const paths: readonly [string, boolean][] = [
    ["secrets/shared.sops.yaml", true],
    ["secrets/test.yaml", true],
    ["secrets/deep/er/x.yml", true],
    ["Secrets/Shared.SOPS.YAML", true],
    ["old/secrets/a.yaml", true],
    ["elsewhere/x.sops.yaml", true],
    [".sops.yaml", false],
    ["secrets/.sops.yaml", false],
    ["notsecrets/a.yaml", false],
    ["secrets.yaml", false],
    ["secrets/README.md", false],
  ];
  for (const [path, expected] of paths) {
    it(`${expected ? "is" : "is not"} ${path}`, () => {
      assert.equal(isSourcePath(path), expected);
      assert.equal(isRulesPath(path), path.endsWith("/.sops.yaml") || path === ".sops.yaml");
    });
  }
});

describe("the hook and the program", () => {
  const folder = temporaryFolder();

  it("agree on what sops writes", async () => {
    const { recipient } = await ageIdentity();
    const values = {
      plain: "x",
      "with-dash": "a: b # c",
      UPPER_1: "line\nline\n",
      quotes: `'"\\ $x \u00e9 \u{1f600}`,
      long: "y".repeat(3000),
    };
    const text = await sopsText(folder(), values, [recipient, (await ageIdentity()).recipient]);
    const seen = readSource(text, FILE);
    const program = readStructure(text, FILE);
    assert.equal(seen.state, "encrypted", JSON.stringify(seen.hits));
    assert.deepEqual(seen.keys, program.keys);
    assert.deepEqual(seen.recipients, program.recipients);
  });

  /** Files as sops writes them, and the same with something broken. */
  const value = fc.constantFrom(ENC(), `"${ENC()}"`, `'${ENC()}'`);
  const other = fc.constantFrom(
    "x",
    "",
    '""',
    "null",
    "~",
    "'null'",
    ENC("int"),
    "[]",
    "{ a: b }",
    "PLACEHOLDER",
    "a b: c",
    "|",
    "&a x",
  );
  const key = fc.constantFrom("a", "b_c", "D", '"e f"', "'g'", "h-i", "vps_root_ssh_key", "sops2");
  const good = fc
    .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 5 })
    .map((pairs) => pairs.map(([name, text]) => `${name}: ${text}\n`).join("") + METADATA);
  const bad = fc
    .tuple(
      fc.array(fc.tuple(key, fc.oneof(value, other)), { maxLength: 4 }),
      fc.constantFrom(METADATA, "", "sops: yes\n", "sops:\n    mac: x\n"),
    )
    .map(([pairs, metadata]) => pairs.map(([name, text]) => `${name}: ${text}\n`).join("") + metadata);
  const broken = fc
    .tuple(
      good,
      fc.nat(),
      fc.constantFrom("", " ", "\n", "  ", "#", "x", "'", ":", "- ", "\t", ENC(), "sops:\n"),
      fc.nat(40),
    )
    .map(([text, at, sign, cut]) => text.slice(0, at % text.length) + sign + text.slice((at % text.length) + cut));

  it("what passes in the hook passes in the program, with the same keys and recipients", () => {
    let passed = 0;
    fc.assert(
      fc.property(fc.oneof(good, bad, broken), (text) => {
        const seen = readSource(text, FILE);
        if (seen.state !== "encrypted") {
          return;
        }
        const program = structure(text);
        assert.ok(program !== undefined, JSON.stringify(text));
        assert.deepEqual(seen.keys, program.keys);
        assert.deepEqual(seen.recipients, program.recipients);
        passed += 1;
      }),
      { numRuns: 2500 },
    );
    assert.ok(passed > 250, `only ${String(passed)} passed`);
  });

  it("what has sops's own shape and passes in the program passes in the hook", () => {
    fc.assert(
      fc.property(good, (text) => {
        const program = structure(text);
        const isRefused = /vps_root/.test(text);
        assert.ok(program !== undefined);
        assert.equal(
          readSource(text, FILE).state,
          isRefused ? "refused" : "encrypted",
          JSON.stringify(readSource(text, FILE).hits),
        );
      }),
      { numRuns: 500 },
    );
  });
});
