/** Proves that an entry of inventory.yaml comes and goes without another byte of the file changing. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { parseInventory } from "../../../core/model/inventory.js";
import { withEntry, withoutEntry } from "../../../core/model/inventoryEdit.js";
import { faultsOf } from "../../support/faults.js";

const SHIPPED = readFileSync(join(__dirname, "../../../inventory.yaml"), "utf8");

describe("an entry of the inventory", () => {
  const added: readonly [title: string, text: string, expected: string][] = [
    ["to the last line", "secrets:\n  a: {}\n", "secrets:\n  a: {}\n  b:\n    owner: me\n"],
    ["to a file without a last line end", "secrets:\n  a: {}", "secrets:\n  a: {}\n  b:\n    owner: me\n"],
    ["to an empty map", "# x\nsecrets: {}\n", "# x\nsecrets:\n  b:\n    owner: me\n"],
    ["to a file with another indentation", "secrets:\n    a: {}\n", "secrets:\n    a: {}\n    b:\n      owner: me\n"],
    ["to a file with CRLF", "secrets:\r\n  a: {}\r\n", "secrets:\r\n  a: {}\r\n  b:\r\n    owner: me\r\n"],
    ["behind a comment at the end", "secrets:\n  a: {}\n# end\n", "secrets:\n  a: {}\n# end\n  b:\n    owner: me\n"],
    ["that is there already: nothing", "secrets:\n  b: { tier: 2 }\n", "secrets:\n  b: { tier: 2 }\n"],
  ];
  for (const [title, text, expected] of added) {
    it(`is added ${title}`, () => {
      assert.equal(withEntry(text, "b", { owner: "me" }), expected);
    });
  }

  it("is added as it is, whatever its texts hold", () => {
    const note = 'a: "b" # c\'\nd {e} ü';
    const text = withEntry("secrets: {}\n", "b", { note, issuer: "- x", rotation_days: 90, form: "[a-z]+ # .*" });
    assert.deepEqual(parseInventory(text).get("b"), {
      ...{ tier: 3, flagged: false, effect: "env" },
      ...{ note, issuer: "- x", rotation_days: 90, form: "[a-z]+ # .*" },
    });
  });

  it("is refused when it is none, or the file is none", () => {
    const refused = (text: string, entry: object) => faultsOf(() => withEntry(text, "b", entry));
    assert.match(
      refused("secrets: {}\n", { rotation_days: 0.5 })[0] ?? "",
      /^inventory\.yaml: secrets\.b\.rotation_days: /,
    );
    assert.match(refused("secrets: {}\n", { form: "(" })[0] ?? "", /is not a regular expression/);
    assert.deepEqual(refused("secrets: { a: {} }\n", {}), [
      "inventory.yaml:2: is not valid YAML. Repair: edit the file",
    ]);
    assert.match(refused("secrets: [\n", {})[0] ?? "", /is not valid YAML/);
  });

  const removed: readonly [title: string, text: string, expected: string][] = [
    [
      "from the middle",
      "secrets:\n  a: {}\n  b:\n    tier: 2\n    note: |\n      x\n  c: {}\n",
      "secrets:\n  a: {}\n  c: {}\n",
    ],
    ["from the end, without a last line end", "secrets:\n  a: {}\n  b: { tier: 2 } # x", "secrets:\n  a: {}\n"],
    ["as the only one", "secrets:\n  b:\n    tier: 2\n", "secrets: {}\n"],
    [
      "without the comment of the next one",
      "secrets:\n  b:\n    tier: 2\n  # c's\n  c: {}\n",
      "secrets:\n  # c's\n  c: {}\n",
    ],
    ["with CRLF", "secrets:\r\n  b:\r\n    tier: 2\r\n  c: {}\r\n", "secrets:\r\n  c: {}\r\n"],
    ["that is not there: nothing", "secrets:\n  a: {}\n", "secrets:\n  a: {}\n"],
  ];
  for (const [title, text, expected] of removed) {
    it(`is removed ${title}`, () => {
      assert.equal(withoutEntry(text, "b"), expected);
    });
  }

  it("added and removed again leaves the file as it was", () => {
    for (const text of [SHIPPED, SHIPPED.replaceAll("\n", "\r\n")]) {
      assert.equal(withoutEntry(withEntry(text, "brand_new", { owner: "me", note: "n" }), "brand_new"), text);
    }
  });

  it("any of the shipped file can be removed, and the others stay", () => {
    const keys = [...parseInventory(SHIPPED).keys()];
    fc.assert(
      fc.property(fc.shuffledSubarray(keys), (gone) => {
        const left = gone.reduce((text, key) => withoutEntry(text, key), SHIPPED);
        const expected = keys.filter((key) => !gone.includes(key));
        assert.deepEqual([...parseInventory(left).keys()], expected);
        for (const key of expected) {
          assert.deepEqual(parseInventory(left).get(key), parseInventory(SHIPPED).get(key));
        }
      }),
    );
  });
});
