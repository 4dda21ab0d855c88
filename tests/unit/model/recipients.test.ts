/**
 * Proves how .sops.yaml is read. The rules are sops's own; that sops itself takes the same rule for a file is proved
 * for the repository's real file in tests/sandbox, not here.
 */
import assert from "node:assert/strict";

import { parseRecipients } from "../../../core/model/recipients.js";
import { faultsOf } from "../../support/faults.js";

const FILE = `
keys:
  - &dev_radieu age1dev
  - &vps_i1 age1hosti1
  - &everybody [*dev_radieu, age1third]
creation_rules:
  - path_regex: ^secrets/shared\\.sops\\.yaml$
    key_groups:
      - age: [*dev_radieu, *vps_i1]
  - path_regex: secrets/vps
    age: age1one, age1two,age1three
  - path_regex: ^secrets/folded
    age: >-
      age1one,
      age1two
  - path_regex: ^secrets/list
    key_groups:
      - age: *everybody
  - path_regex: ^secrets/mixed
    pgp: FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4
    age: age1one
  - age: *dev_radieu
`;

describe(".sops.yaml", () => {
  it("names recipients by anchor", () => {
    assert.deepEqual(Object.fromEntries(parseRecipients(FILE).byName), { dev_radieu: "age1dev", vps_i1: "age1hosti1" });
  });

  const cases: readonly [string, string, string[]][] = [
    ["aliases in a group", "secrets/shared.sops.yaml", ["age1dev", "age1hosti1"]],
    ["a string with commas", "secrets/vps-i1.sops.yaml", ["age1one", "age1two", "age1three"]],
    ["a pattern that matches anywhere in the path", "old/secrets/vps.yaml", ["age1one", "age1two", "age1three"]],
    ["a folded string", "secrets/folded.sops.yaml", ["age1one", "age1two"]],
    ["an alias of a list with an alias in it", "secrets/list.sops.yaml", ["age1dev", "age1third"]],
    ["age beside other kinds", "secrets/mixed.sops.yaml", ["age1one"]],
    ["a rule without pattern, which matches everything", "anything.txt", ["age1dev"]],
  ];
  for (const [title, path, expected] of cases) {
    it(`gives ${path} the recipients of ${title}`, () => {
      assert.deepEqual([...(parseRecipients(FILE).ruleFor(path) ?? [])], expected);
    });
  }

  it("gives the first rule that matches, not the closest", () => {
    const text = `creation_rules:\n  - path_regex: secrets/\n    age: age1wide\n  - path_regex: ^secrets/a$\n    age: age1close\n`;
    assert.deepEqual([...(parseRecipients(text).ruleFor("secrets/a") ?? [])], ["age1wide"]);
  });

  it("gives no rule to a file that none matches", () => {
    const text = "creation_rules:\n  - path_regex: ^secrets/\n    age: age1x\n";
    assert.equal(parseRecipients(text).ruleFor("other/a.yaml"), undefined);
  });

  it("may have placeholders for those that are named, and for no others", () => {
    const text = "keys:\n  - &a age1placeholder-a\n  - &b age1placeholder-b\ncreation_rules:\n  - age: [*a]\n";
    assert.deepEqual([...(parseRecipients(text, new Set(["a", "b"])).ruleFor("x") ?? [])], ["age1placeholder-a"]);
    assert.deepEqual(
      faultsOf(() => parseRecipients(text, new Set(["b"]))).map((line) => line.split(": still")[0]),
      [".sops.yaml: a"],
    );
  });

  const faults: readonly [string, string, string[]][] = [
    ["no YAML", "keys: [\n", [".sops.yaml:2: is not valid YAML. Repair: edit the file"]],
    [
      "no rules",
      "keys: []\n",
      [".sops.yaml: creation_rules: is missing. Repair: take the file of the repository's template"],
    ],
    [
      "a rule that is no map",
      "creation_rules:\n  - age1x\n",
      [".sops.yaml: creation_rules[0]: has no path_regex. Repair: edit the file"],
    ],
    [
      "a pattern that is no pattern",
      "creation_rules:\n  - path_regex: a\n    age: age1x\n  - path_regex: (\n    age: age1x\n",
      [".sops.yaml: creation_rules[1]: has a path_regex that is not a regular expression. Repair: edit the file"],
    ],
    [
      "the template's placeholders",
      "keys:\n  - &a age1placeholder-a\n  - &b age1b\n  - &c age1placeholder-c\ncreation_rules: []\n",
      ["a", "c"].map(
        (name) =>
          `.sops.yaml: ${name}: still is the template's placeholder. Repair: age-keygen -o FILE on the machine that ` +
          `owns the identity, then put its public part (age1…) behind &${name}`,
      ),
    ],
  ];
  for (const [title, text, messages] of faults) {
    it(`with ${title} is refused`, () => {
      assert.deepEqual(
        faultsOf(() => parseRecipients(text)),
        messages,
      );
    });
  }
});
