import { byteLength, open, type Secret } from "./secret.js";

/**
 * The writer of `.env` files as Docker Compose reads them (compose-go's dotenv package): bare values, single quotes
 * (literal, may span lines) and double quotes (escapes and interpolation). dotenvReader.ts is the way back.
 *
 * A POSIX shell that sources such a file runs nothing of it, and reads the same values but for those that are in double
 * quotes and hold a carriage return or a backtick: Compose's escapes of these two are plain text to a shell.
 */
const BARE = /^[A-Za-z0-9_./:@%+,=-]*$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Linux starts no process with a variable above 128 KiB, name and `=` included (MAX_ARG_STRLEN); a KiB is left for those. */
export const VALUE_LIMIT_BYTES = 127 * 1024;

/** Why a value cannot be written into a `.env` file, or `undefined` when it can. */
export function cannotCarry(secret: Secret): string | undefined {
  const value = open(secret);
  if (value.includes("\0")) {
    return "contains a NUL character, which no environment variable can carry";
  }
  if (!value.isWellFormed()) {
    return "is not valid Unicode";
  }
  if (byteLength(secret) > VALUE_LIMIT_BYTES) {
    return "is larger than 127 KiB, which no environment variable can carry";
  }
  return undefined;
}

/**
 * The text of a `.env` file: one assignment a name, in the order of the names, ending with a newline.
 * Throws a TypeError for a name or value that {@link cannotCarry} refuses: callers check first.
 */
export function writeDotenv(entries: ReadonlyMap<string, Secret>): string {
  const lines: string[] = [];
  for (const name of [...entries.keys()].sort()) {
    const secret = entries.get(name);
    if (secret === undefined || !NAME.test(name) || cannotCarry(secret) !== undefined) {
      throw new TypeError(`${name} cannot be written to a .env file`);
    }
    lines.push(`${name}=${quote(open(secret))}\n`);
  }
  return lines.join("");
}

function quote(value: string): string {
  if (BARE.test(value)) {
    return value;
  }
  const trailing = /\\*$/.exec(value)?.[0].length ?? 0;
  if (!value.includes("'") && !value.includes("\r") && trailing % 2 === 0) {
    return `'${value}'`;
  }
  // A backtick would be safe with Compose, and a command to a shell.
  return `"${value
    .replace(/[\\"$]/g, "\\$&")
    .replace(/\r/g, "\\r")
    .replace(/`/g, "\\0140")}"`;
}
