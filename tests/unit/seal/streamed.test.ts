/** Proves that age by streams gives what age by bytes gives, and that Node loads no HTTP client for it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";

import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";

import { streamed } from "../../../core/seal/streamed.js";

/** Encrypts in a process of its own, and prints what Node has loaded of its HTTP client. */
const LOADED = (call: string) => `
  const { streamed } = require("./core/seal/streamed.ts");
  const { Encrypter } = require("age-encryption");
  const encrypter = new Encrypter();
  encrypter.setPassphrase("of this test");
  encrypter.setScryptWorkFactor(1);
  const before = process.moduleLoadList.length;
  ${call}.then(() => console.log(process.moduleLoadList.slice(before).filter((name) => name.includes("undici")).length));
`;

describe("age by streams", () => {
  let encrypter: Encrypter;
  let decrypter: Decrypter;
  before(async () => {
    const identity = await generateX25519Identity();
    [encrypter, decrypter] = [new Encrypter(), new Decrypter()];
    encrypter.addRecipient(await identityToRecipient(identity));
    decrypter.addIdentity(identity);
  });

  // age works in parts of 64 KiB.
  for (const size of [0, 1, 65_535, 65_536, 65_537, 300_000]) {
    it(`opens and seals ${String(size)} bytes, as age by bytes does`, async () => {
      const bytes = randomBytes(size);
      const sealed = await streamed(bytes, (stream) => encrypter.encrypt(stream));
      assert.deepEqual(Buffer.from(await decrypter.decrypt(sealed)), bytes);
      const other = await encrypter.encrypt(bytes);
      assert.deepEqual(await streamed(other, (stream) => decrypter.decrypt(stream)), bytes);
    });
  }

  it("rejects what was cut off, changed or is for somebody else", async () => {
    const sealed = Buffer.from(await encrypter.encrypt(randomBytes(70_000)));
    const changed = Buffer.from(sealed);
    changed.writeUInt8((changed.at(-1) ?? 0) ^ 1, changed.length - 1);
    const stranger = new Decrypter();
    stranger.addIdentity(await generateX25519Identity());
    for (const [bytes, one] of [
      [sealed.subarray(0, -1), decrypter],
      [sealed.subarray(0, 10), decrypter],
      [changed, decrypter],
      [sealed, stranger],
    ] as const) {
      await assert.rejects(streamed(bytes, (stream) => one.decrypt(stream)));
    }
  });

  for (const [how, call, isLoaded] of [
    ["by streams", 'streamed(Buffer.from("x"), (stream) => encrypter.encrypt(stream))', false],
    ["by bytes", 'encrypter.encrypt(Buffer.from("x"))', true],
  ] as const) {
    it(`loads ${isLoaded ? "Node's HTTP client" : "none"} ${how}`, () => {
      const args = ["--require", "./core/loader.cjs", "--eval", LOADED(call)];
      const loaded = execFileSync(process.execPath, args, { encoding: "utf8" }).trim();
      assert.equal(loaded, isLoaded ? "1" : "0");
    });
  }
});
