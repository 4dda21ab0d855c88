/** Proves that what is sealed for a repository opens with the repository's private part only, by libsodium itself. */
import assert from "node:assert/strict";

import { createBoxSealer, type RepositoryBox } from "../../../core/seal/box.js";
import { Secret } from "../../../core/seal/secret.js";
import { canary, leaked } from "../../support/canary.js";

describe("a sealed box", () => {
  async function repository() {
    const { default: sodium } = await import("libsodium-wrappers");
    await sodium.ready;
    const pair = sodium.crypto_box_keypair();
    const box: RepositoryBox = {
      keyId: "1",
      publicKey: sodium.to_base64(pair.publicKey, sodium.base64_variants.ORIGINAL),
    };
    const open = (sealed: string) =>
      Buffer.from(
        sodium.crypto_box_seal_open(
          sodium.from_base64(sealed, sodium.base64_variants.ORIGINAL),
          pair.publicKey,
          pair.privateKey,
        ),
      ).toString("utf8");
    return { box, open };
  }

  for (const value of ["x", "größe 🔑\r\n\t$'\"\\", "x".repeat(48 * 1024)]) {
    it(`opens to the value: ${value.slice(0, 12)}`, async () => {
      const [{ box, open }, seal] = await Promise.all([repository(), createBoxSealer()]);
      assert.equal(open(seal(new Secret(value), box)), value);
    });
  }

  it("does not open with another repository's private part", async () => {
    const [mine, other, seal] = await Promise.all([repository(), repository(), createBoxSealer()]);
    assert.throws(() => other.open(seal(new Secret("x"), mine.box)));
  });

  it("is fresh each time, in base64 with padding, and holds no value", async () => {
    const [{ box }, seal] = await Promise.all([repository(), createBoxSealer()]);
    const value = canary();
    const secret = new Secret(value);
    const [first, second] = [seal(secret, box), seal(secret, box)];
    assert.notEqual(first, second);
    assert.match(first, /^[A-Za-z0-9+/]+={0,2}$/);
    assert.equal(Buffer.from(first, "base64").length, Buffer.byteLength(value) + 48);
    assert.deepEqual(leaked(first, [value]), []);
  });

  for (const publicKey of ["", "c2hvcnQ=", "not base64 at all!"]) {
    it(`is not made for the public part ${JSON.stringify(publicKey)}, and the error holds no value`, async () => {
      const seal = await createBoxSealer();
      const value = canary();
      assert.throws(
        () => seal(new Secret(value), { keyId: "1", publicKey }),
        (error: Error) => leaked(`${error.message}${error.stack ?? ""}`, [value]).length === 0,
      );
    });
  }
});
