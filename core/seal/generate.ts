import { randomBytes, randomInt, randomUUID } from "node:crypto";

import { Secret } from "./secret.js";

/** Letters and digits: what every service, connection string and shell takes as it is. */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const PASSWORD_LENGTH = 40;
const BYTES = 32;

/** What can be generated, each with at least 122 random bits. */
const GENERATORS = {
  /** 40 letters and digits, 238 bits. */
  password: () => Array.from({ length: PASSWORD_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(""),
  /** 32 bytes as 64 hex digits. */
  hex: () => randomBytes(BYTES).toString("hex"),
  /** 32 bytes, 44 characters; the form of `fingerprint_key`. */
  base64: () => randomBytes(BYTES).toString("base64"),
  /** Version 4. */
  uuid: () => randomUUID(),
} as const;

export type Kind = keyof typeof GENERATORS;
export const KINDS = Object.keys(GENERATORS) as readonly Kind[];

/** Whether a word names something that can be generated. */
export function isKind(word: string): word is Kind {
  return Object.hasOwn(GENERATORS, word);
}

/** A fresh value of the system's random source. */
export function generate(kind: Kind): Secret {
  return new Secret(GENERATORS[kind]());
}
