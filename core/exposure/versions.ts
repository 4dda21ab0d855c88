import type { Fingerprint } from "../seal/fingerprint.js";

/** One value as a version holds it. */
export interface Held {
  /** Its ciphertext; `undefined` when it stands in clear, for everybody to read. */
  readonly sealed: string | undefined;
  /**
   * Key and initialization vector. sops draws a new vector when a value is changed, and keeps it when only the data key is
   * (getsops/sops, `aes/cipher.go`, the stash; run with 3.13): where two versions have the same one, the value is the same.
   */
  readonly mark: string | undefined;
  /** `undefined` when none of our identities opens it. */
  readonly print: Fingerprint | undefined;
}

/** A content that a source had at some commit. Versions with the same content at the same path are one. */
export interface Version {
  readonly path: string;
  /** Whom its metadata lists. */
  readonly recipients: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, Held>;
  /** Tells data keys apart; `undefined` when none of our identities opens it. */
  readonly dataKey: string | undefined;
  /** The data key as encrypted to each recipient. */
  readonly wrapped: ReadonlySet<string>;
}

/** A commit put `to` in the place of `from`; `undefined` where the file did not exist. */
export interface Step {
  readonly from: Version | undefined;
  readonly to: Version | undefined;
  /** The commit's name, and when it was made, ISO 8601; for people only. */
  readonly commit?: string;
  readonly at?: string;
}

/** Everything that git remembers of the sources. */
export interface History {
  readonly versions: readonly Version[];
  readonly steps: readonly Step[];
  /** What the present commit has, by path. */
  readonly present: ReadonlyMap<string, Version>;
}

/** A secret of the sources: the file and its key in it. */
export interface SecretAt {
  readonly path: string;
  readonly key: string;
}

/** Compares two of them, by file and key. */
export function inOrder(one: SecretAt, other: SecretAt): number {
  const [a, b] = [`${one.path}\0${one.key}`, `${other.path}\0${other.key}`];
  return a < b ? -1 : a > b ? 1 : 0;
}
