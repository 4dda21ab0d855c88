import { inspect } from "node:util";

const values = new WeakMap<Secret, string>();

/**
 * A value from the sources. It does not print, concatenate or serialize; only the modules of `core/seal/` (and the
 * door that made it) can {@link open} it, which the lint rules enforce.
 */
export class Secret {
  constructor(value: string) {
    values.set(this, value);
    Object.freeze(this);
  }

  toString(): never {
    throw new TypeError("a secret was about to be printed");
  }

  toJSON(): never {
    throw new TypeError("a secret was about to be serialized");
  }

  [Symbol.toPrimitive](): never {
    throw new TypeError("a secret was about to be concatenated");
  }

  [inspect.custom](): string {
    return "[secret]";
  }
}

/** The plain value. Only for code that seals it for its destination at once. */
export function open(secret: Secret): string {
  const value = values.get(secret);
  if (value === undefined) {
    throw new TypeError("not a secret of this process");
  }
  return value;
}

/** Whether the whole value matches a regular expression (Unicode mode). */
export function matches(secret: Secret, pattern: string): boolean {
  return new RegExp(`^(?:${pattern})$`, "su").test(open(secret));
}

/** Whether a text for people holds the value. One that is too short to be recognized is not looked for. */
export function isIn(secret: Secret, text: string): boolean {
  const value = open(secret);
  return value.length >= SHORTEST && text.includes(value);
}

const SHORTEST = 4;

/** Length of the value in bytes of UTF-8. For limits only; it is never shown. */
export function byteLength(secret: Secret): number {
  return Buffer.byteLength(open(secret), "utf8");
}
