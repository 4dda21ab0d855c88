import { createHash, createHmac } from "node:crypto";

import { open, type Secret } from "./secret.js";

/** HMAC-SHA-256 of a value, 64 hex digits. Equal values have equal fingerprints; without the key nothing follows. */
export type Fingerprint = string & { readonly __fingerprint: unique symbol };

/** Makes fingerprints under one key. `keyId` (8 hex digits) tells fingerprints of different keys apart. */
export interface Fingerprinter {
  readonly keyId: string;
  of(secret: Secret): Fingerprint;
}

/** `fingerprintKey`: the stack source's `fingerprint_key`, 32 random bytes in base64. */
export function createFingerprinter(fingerprintKey: Secret): Fingerprinter {
  const bytes = Buffer.from(open(fingerprintKey), "base64");
  return {
    keyId: createHash("sha256").update("p24 fingerprint key id\0").update(bytes).digest("hex").slice(0, 8),
    of: (secret) => createHmac("sha256", bytes).update(open(secret), "utf8").digest("hex") as Fingerprint,
  };
}

/** The first 8 hex digits, for display only. */
export function short(fingerprint: Fingerprint): string {
  return fingerprint.slice(0, 8);
}
