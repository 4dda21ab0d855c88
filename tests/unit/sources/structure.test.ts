/**
 * Proves what a source file must look like as it lies in git, judged without any identity. The file's text is written
 * by hand here; tests/unit/sources/decrypt.test.ts has files that sops itself wrote.
 */
import assert from "node:assert/strict";

import { readStructure } from "../../../core/sources/structure.js";
import { faultsOf } from "../../support/faults.js";

const FILE = "secrets/shared.sops.yaml";
const EDIT = `Repair: sops edit ${FILE}`;
const RESTORE = `Repair: git restore ${FILE}`;
const ENCRYPT = `Repair: sops encrypt --in-place ${FILE}, and rotate every value that was committed in clear`;

function encrypted(type = "str"): string {
  return `ENC[AES256_GCM,data:cch6,iv:fx8ig0b3oT2jD1na6ctTxbLdE0ebZWaDXl6AdfMTTic=,tag:s+AsneFtyLI+ixWPsyGJsA==,type:${type}]`;
}

const METADATA = `sops:
    age:
        - enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            -----END AGE ENCRYPTED FILE-----
          recipient: age1one
        - recipient: age1two
    lastmodified: "2026-01-01T00:00:00Z"
    mac: ${encrypted()}
    version: 3.13.3
`;

describe("a source file in git", () => {
  it("has keys and recipients that can be known without opening it", () => {
    const structure = readStructure(
      `a: ${encrypted()}\n#${encrypted("comment")}\nb: ${encrypted()}\n${METADATA}`,
      FILE,
    );
    assert.deepEqual(structure.keys, ["a", "b"]);
    assert.deepEqual([...structure.recipients], ["age1one", "age1two"]);
  });

  it("may hold no key yet", () => {
    assert.deepEqual(readStructure(METADATA, FILE).keys, []);
  });

  it("encrypted to no age recipient has none", () => {
    assert.equal(
      readStructure(`a: ${encrypted()}\nsops:\n    pgp: []\n    mac: ${encrypted()}\n`, FILE).recipients.size,
      0,
    );
  });

  const cases: readonly [string, string, string[]][] = [
    [
      "another service that could open it",
      `a: ${encrypted()}\n${METADATA}    pgp:\n        - fp: 0123\n    kms: []\n`,
      [
        `${FILE}: sops.pgp: opens with more than age identities, so others than its recipients may read it. ` +
          `${RESTORE}, then sops updatekeys ${FILE}`,
      ],
    ],
    [
      "the template",
      "# TEMPLATE - placeholder values.\na: PLACEHOLDER\n",
      [
        `${FILE}: still is the template. Repair: fill its values in and encrypt it: ` +
          `sops encrypt --in-place ${FILE}, then sops edit ${FILE}`,
      ],
    ],
    ["plaintext", "a: secret\n", [`${FILE}: is not encrypted. ${ENCRYPT}`]],
    ["plaintext with a key called sops", "a: secret\nsops: yes\n", [`${FILE}: is not encrypted. ${ENCRYPT}`]],
    ["empty", "", [`${FILE}: holds no keys. ${RESTORE}`]],
    ["a list", "- a\n- b\n", [`${FILE}: holds no keys. ${RESTORE}`]],
    ["no YAML", `a: ${encrypted()}\nb: [\n`, [`${FILE}:3: is not valid YAML. ${RESTORE}`]],
    [
      "conflict markers of a merge",
      `<<<<<<< HEAD\na: ${encrypted()}\n=======\na: ${encrypted()}\n>>>>>>> theirs\n${METADATA}`,
      [
        `${FILE}: has the conflict markers of a merge. Repair: git checkout --ours ${FILE}, then enter the other side's values with sops edit ${FILE}`,
      ],
    ],
    [
      "two keys twice",
      `a: ${encrypted()}\na: ${encrypted()}\nb: ${encrypted()}\nb: ${encrypted()}\n${METADATA}`,
      [`${FILE}:2: has a key twice. ${EDIT} and keep one`, `${FILE}:4: has a key twice. ${EDIT} and keep one`],
    ],
    [
      "a key twice",
      `a: ${encrypted()}\nb: ${encrypted()}\na: ${encrypted()}\n${METADATA}`,
      [`${FILE}:3: has a key twice. ${EDIT} and keep one`],
    ],
  ];
  for (const [title, text, messages] of cases) {
    it(`that is ${title} is refused`, () => {
      assert.deepEqual(
        faultsOf(() => readStructure(text, FILE)),
        messages,
      );
    });
  }

  const values: readonly [string, string, string][] = [
    ["in clear", "plain", "is not encrypted"],
    ["a number in clear", "5432", "is not encrypted"],
    ["encrypted in part", `x${encrypted()}`, "is not encrypted"],
    ["null", "", "is null: give it a value or remove the key"],
    ["a written null", "null", "is null: give it a value or remove the key"],
    ["empty", '""', "is empty: give it a value or remove the key"],
    ["an integer", encrypted("int"), "is of type int, not a string: put it in quotes"],
    ["a float", encrypted("float"), "is of type float, not a string: put it in quotes"],
    ["a boolean", encrypted("bool"), "is of type bool, not a string: put it in quotes"],
    ["a time", encrypted("time"), "is of type time, not a string: put it in quotes"],
    ["bytes", encrypted("bytes"), "is of type bytes, not a string: put it in quotes"],
    ["nested", `{ b: ${JSON.stringify(encrypted())} }`, "is nested: sources are flat, one quoted string a key"],
    ["a list", `[${JSON.stringify(encrypted())}]`, "is nested: sources are flat, one quoted string a key"],
  ];
  for (const [title, value, what] of values) {
    it(`with a value that is ${title} is refused`, () => {
      assert.deepEqual(
        faultsOf(() => readStructure(`good: ${encrypted()}\nbad: ${value}\n${METADATA}`, FILE)),
        [`${FILE}: bad: ${what}. ${EDIT}`],
      );
    });
  }

  const macs: readonly [string, string][] = [
    ["without a MAC", METADATA.replace(/ *mac:.*\n/, "")],
    ["with a MAC in clear", METADATA.replace(/mac:.*/, "mac: deadbeef")],
    ["whose MAC is a list", METADATA.replace(/mac:.*/, "mac: []")],
  ];
  for (const [title, metadata] of macs) {
    it(`${title} is refused`, () => {
      assert.deepEqual(
        faultsOf(() => readStructure(`a: ${encrypted()}\n${metadata}`, FILE)),
        [`${FILE}: has no MAC, so nobody could tell a changed value. ${RESTORE}`],
      );
    });
  }

  it("with what only looks like sops's form is refused", () => {
    const text = `a: ${encrypted().replace(/data:[^,]*/, "data:my plain value")}\n${METADATA}`;
    assert.deepEqual(
      faultsOf(() => readStructure(text, FILE)),
      [`${FILE}: a: is not encrypted. ${EDIT}`],
    );
  });

  it("shows all its faults in one list, and none of its values", () => {
    const lines = faultsOf(() => readStructure(`a: canary-one\nb: { c: canary-two }\nd:\n${METADATA}`, FILE));
    assert.deepEqual(
      lines.map((line) => line.split(": ")[1]),
      ["a", "b", "d"],
    );
    assert.equal(lines.join("\n").includes("canary"), false);
  });
});
