/** Proves the form of each kind of generated value, and that no two are equal. That they are random is Node's promise. */
import assert from "node:assert/strict";

import { generate, isKind, KINDS } from "../../../core/seal/generate.js";
import { matches } from "../../../core/seal/secret.js";
import { fingerprinter } from "../../support/secrets.js";

const FORMS: Record<(typeof KINDS)[number], string> = {
  password: "[A-Za-z0-9]{40}",
  hex: "[0-9a-f]{64}",
  base64: "[A-Za-z0-9+/]{43}=",
  uuid: "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
};

describe("a generated value", () => {
  for (const kind of KINDS) {
    it(`${kind} has its form, and is another one each time`, () => {
      const made = Array.from({ length: 100 }, () => generate(kind));
      assert.ok(made.every((secret) => matches(secret, FORMS[kind])));
      assert.equal(new Set(made.map((secret) => fingerprinter.of(secret))).size, 100);
    });
  }

  it("is known by the words of the help", () => {
    assert.deepEqual([...KINDS].sort(), Object.keys(FORMS).sort());
    assert.deepEqual(["hex", "Hex", "toString", ""].map(isKind), [true, false, false, false]);
  });
});
