/** Proves that fingerprints are HMAC-SHA-256 under the key of git, and that ids tell keys apart without telling them. */
import assert from "node:assert/strict";

import { createFingerprinter, short } from "../../../core/seal/fingerprint.js";
import { Secret } from "../../../core/seal/secret.js";

function under(bytes: Buffer) {
  return createFingerprinter(new Secret(bytes.toString("base64")));
}

describe("a fingerprint", () => {
  it("is HMAC-SHA-256 in hex (RFC 4231, test cases 2 and 1)", () => {
    assert.equal(
      under(Buffer.from("Jefe")).of(new Secret("what do ya want for nothing?")),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
    assert.equal(
      under(Buffer.alloc(20, 0x0b)).of(new Secret("Hi There")),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    );
  });

  it("is of the value's UTF-8", () => {
    const prints = under(Buffer.alloc(32, 1));
    assert.notEqual(prints.of(new Secret("é")), prints.of(new Secret("e\u0301")));
    assert.match(prints.of(new Secret("")), /^[0-9a-f]{64}$/);
  });

  it("depends on the key, and so does the key's id, which is not taken from the key itself", () => {
    const [one, other] = [under(Buffer.alloc(32, 1)), under(Buffer.alloc(32, 2))];
    assert.notEqual(one.of(new Secret("v")), other.of(new Secret("v")));
    assert.notEqual(one.keyId, other.keyId);
    assert.match(one.keyId, /^[0-9a-f]{8}$/);
    assert.equal(one.keyId, under(Buffer.alloc(32, 1)).keyId);
    assert.equal(Buffer.alloc(32, 1).toString("hex").includes(one.keyId), false);
  });

  it("is shown by its first eight digits", () => {
    const print = under(Buffer.from("Jefe")).of(new Secret("what do ya want for nothing?"));
    assert.equal(short(print), "5bdcc146");
  });
});
