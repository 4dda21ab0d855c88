/** Identities that exist only while the tests run: age, SSH and the payload signer's. */
import { generateKeyPairSync } from "node:crypto";

import ssh2 from "ssh2";

export interface AgeIdentity {
  /** The private part. */
  readonly identity: string;
  /** `age1…`. */
  readonly recipient: string;
}

export async function ageIdentity(): Promise<AgeIdentity> {
  const age = await import("age-encryption");
  const identity = await age.generateIdentity();
  return { identity, recipient: await age.identityToRecipient(identity) };
}

/** Text encrypted to the recipients, armored. */
export async function ageArmor(text: string, ...recipients: readonly string[]): Promise<string> {
  const { armor, Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    encrypter.addRecipient(recipient);
  }
  return armor.encode(await encrypter.encrypt(text));
}

/** The text of an armor. */
export async function openArmor(armored: string, identity: string): Promise<string> {
  const { armor, Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(armor.decode(armored), "text");
}

/** An SSH pair in OpenSSH's format. ssh2 1.17.0 writes about one in 256 that it cannot read again: try until it can. */
export function sshPair(): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error || ssh2.utils.parseKey(pair.public) instanceof Error)) {
      return pair;
    }
  }
}

/** The payload signer's private part as the stack's source holds it. */
export function signerPem(): string {
  return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
