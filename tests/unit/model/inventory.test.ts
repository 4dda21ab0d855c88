/** Proves that inventory.yaml is parsed once, with defaults, and that all its faults stand in one list. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parseInventory, parseWholeInventory } from "../../../core/model/inventory.js";
import { faultsOf } from "../../support/faults.js";

const EDIT = "Repair: edit the file";
const FIELDS = `${EDIT}; its fields are described in docs/architecture.md`;

describe("the inventory", () => {
  it("has defaults for what an entry leaves out", () => {
    const inventory = parseInventory("secrets:\n  smtp_password: {}\n");
    assert.deepEqual(inventory.get("smtp_password"), { tier: 3, flagged: false, effect: "env" });
  });

  it("takes every field", () => {
    const text = `
secrets:
  grafana_admin_password:
    tier: 2
    issuer: ours
    owner: radieu
    rotation_days: 90
    flagged: true
    form: "[a-z]{8,}"
    effect: procedure
    procedure: grafana cli admin reset-admin-password
    to: [vps-i1, github]
    as: GF_SECURITY_ADMIN_PASSWORD
    note: read on first start only
    verify: log in
    decision: 0001-some-record
`;
    const entry = parseInventory(text).get("grafana_admin_password");
    assert.deepEqual(entry?.to, ["vps-i1", "github"]);
    assert.deepEqual(Object.keys(entry).length, 13);
  });

  it("knows the credentials that no source holds beside the secrets, not among them", () => {
    const text = "secrets: { a: {} }\noutside:\n  OLD: { tier: 1, purpose: p, replaced_by: r, verify: v }\n";
    const { secrets, outside } = parseWholeInventory(text);
    assert.deepEqual([...secrets.keys()], ["a"]);
    assert.deepEqual([...outside], [["OLD", { tier: 1, purpose: "p", replaced_by: "r", verify: "v" }]]);
    assert.deepEqual([...parseInventory(text).keys()], ["a"]);
  });

  it("of the repository is in order", () => {
    const text = readFileSync(join(__dirname, "../../../inventory.yaml"), "utf8");
    assert.ok(parseInventory(text).size > 0);
  });

  const cases: readonly [string, string, string[]][] = [
    ["no YAML", "secrets: [", [`inventory.yaml:1: is not valid YAML. ${EDIT}`]],
    ["a key twice", "secrets:\n  a: {}\n  b: {}\n  a: {}\n", [`inventory.yaml:4: has a key twice. ${EDIT}`]],
    ["nothing", "", [`inventory.yaml: is empty. ${FIELDS}`]],
    [
      "an unknown field",
      "secrets:\n  a: { rotation: 90 }\n",
      [`inventory.yaml: secrets.a.rotation: is not known here. ${FIELDS}`],
    ],
    [
      "an unknown effect",
      "secrets:\n  a: { effect: restart }\n",
      [
        'inventory.yaml: secrets.a.effect: Invalid option: expected one of "env"|"procedure"|"never-generate". ' +
          FIELDS,
      ],
    ],
    [
      "a form that is no pattern",
      'secrets:\n  a: { form: "(" }\n',
      [`inventory.yaml: secrets.a.form: is not a regular expression. ${FIELDS}`],
    ],
    [
      "a name that no variable can have",
      "secrets:\n  a: { as: grafana-admin }\n",
      [`inventory.yaml: secrets.a.as: must be an upper-case variable name. ${FIELDS}`],
    ],
    [
      "an empty list of places",
      "secrets:\n  a: { to: [] }\n",
      [`inventory.yaml: secrets.a.to: Too small: expected array to have >=1 items. ${FIELDS}`],
    ],
    [
      "a decision that is no file's name",
      "secrets:\n  a: { decision: docs/decisions/x.md }\n",
      [`inventory.yaml: secrets.a.decision: must be the name of a file in docs/decisions. ${FIELDS}`],
    ],
    [
      "a credential outside that does not say what took its place",
      "secrets: {}\noutside:\n  A: { tier: 1, purpose: x, verify: y }\n",
      [`inventory.yaml: outside.A.replaced_by: Invalid input: expected string, received undefined. ${FIELDS}`],
    ],
    [
      "several faults",
      "secrets:\n  a: { tier: 4 }\n  b: { rotation_days: 0 }\n  c: { to: x }\n",
      [
        `inventory.yaml: secrets.a.tier: Invalid input. ${FIELDS}`,
        `inventory.yaml: secrets.b.rotation_days: Too small: expected number to be >0. ${FIELDS}`,
        `inventory.yaml: secrets.c.to: Invalid input: expected array, received string. ${FIELDS}`,
      ],
    ],
  ];
  for (const [title, text, messages] of cases) {
    it(`with ${title} is refused`, () => {
      assert.deepEqual(
        faultsOf(() => parseInventory(text)),
        messages,
      );
    });
  }
});
