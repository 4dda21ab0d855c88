/** Secrets, sources and fingerprints for tests. Values are compared by fingerprint: tests do not open secrets either. */
import { randomBytes } from "node:crypto";

import { createFingerprinter, type Fingerprint } from "../../core/seal/fingerprint.js";
import { Secret } from "../../core/seal/secret.js";
import type { Source } from "../../core/sources/decrypt.js";

/** Under a fresh key each run. */
export const fingerprinter = createFingerprinter(new Secret(randomBytes(32).toString("base64")));

/** The fingerprint of a plain value. */
export function printOf(value: string): Fingerprint {
  return fingerprinter.of(new Secret(value));
}

/** A fingerprint that is easy to see in a report: one digit, 64 times. */
export function samplePrint(digit: string): Fingerprint {
  return digit.repeat(64) as Fingerprint;
}

/** Plain values as the sources hold them. */
export function secretsOf(values: Readonly<Record<string, string>>): Map<string, Secret> {
  return new Map(Object.entries(values).map(([name, value]) => [name, new Secret(value)]));
}

/** The fingerprint of each entry, to compare with {@link expectedPrints}. */
export function printsOf(entries: ReadonlyMap<string, Secret>): Record<string, string> {
  return Object.fromEntries([...entries].map(([name, secret]) => [name, fingerprinter.of(secret)]));
}

export function expectedPrints(values: Readonly<Record<string, string>>): Record<string, string> {
  return printsOf(secretsOf(values));
}

/** An opened source as `decryptSource` gives it. */
export function sourceOf(path: string, values: Readonly<Record<string, string>>): Source {
  return { path, recipients: new Set(), values: secretsOf(values) };
}
