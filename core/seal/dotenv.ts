import { open, type Secret } from "./secret.js";

/**
 * The `.env` format as Docker Compose reads it (compose-go's dotenv package): bare values, single quotes (literal, may
 * span lines, `\'` is an apostrophe) and double quotes (escapes and interpolation).
 */
const BARE = /^[A-Za-z0-9_./:@%+,=-]*$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Why a value cannot be written into a `.env` file, or `undefined` when it can. */
export function cannotCarry(secret: Secret): string | undefined {
  const value = open(secret);
  if (value.includes("\0")) {
    return "contains a NUL character, which no environment variable can carry";
  }
  if (!value.isWellFormed()) {
    return "is not valid Unicode";
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
  return `"${value.replace(/[\\"$]/g, "\\$&").replace(/\r/g, "\\r")}"`;
}

/** What one assignment of a hand-edited file says, or why its value cannot be known. */
export type ReadValue = { readonly value: string } | { readonly unreadable: string };

/**
 * Reads one assignment (`NAME=…`, possibly over several lines) as Compose would. A value that depends on the
 * environment of the reader (`$x` outside of single quotes) cannot be known and is reported as such.
 */
export function readAssignment(text: string): { name: string; read: ReadValue } | undefined {
  const head = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*[=:][ \t]*/.exec(text);
  if (head?.[1] === undefined) {
    return undefined;
  }
  return { name: head[1], read: readValue(text.slice(head[0].length)) };
}

function readValue(rest: string): ReadValue {
  const mark = rest[0];
  if (mark === "'" || mark === '"') {
    return readQuoted(rest, mark);
  }
  const line = /^[^\n]*/.exec(rest)?.[0] ?? "";
  const value = (line.split(" #")[0] ?? "").trimEnd();
  return value.includes("$") ? { unreadable: "is interpolated" } : { value };
}

function readQuoted(rest: string, mark: "'" | '"'): ReadValue {
  const end = closingQuote(rest, mark);
  if (end === undefined) {
    return { unreadable: "has no closing quote" };
  }
  const inner = rest.slice(1, end);
  if (mark === "'") {
    return { value: inner.replace(/\\'/g, "'") };
  }
  return unescapeDouble(inner);
}

function closingQuote(rest: string, mark: string): number | undefined {
  let escaped = false;
  for (let at = 1; at < rest.length; at += 1) {
    if (rest[at] === mark && !escaped) {
      return at;
    }
    escaped = rest[at] === "\\" && !escaped;
  }
  return undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  c: "\\c",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function unescapeDouble(inner: string): ReadValue {
  if (/(^|[^\\])(\\\\)*\$/.test(inner)) {
    return { unreadable: "is interpolated" };
  }
  return {
    value: inner.replace(/\\(.)/gs, (whole, next: string) => ESCAPES[next] ?? (/[\\"$]/.test(next) ? next : whole)),
  };
}
