import { interpolate, type Lookup } from "./interpolate.js";

/**
 * The sandbox's own reader of `.env` files: a port of compose-go's dotenv/parser.go (v2.9), on purpose independent of
 * core/seal/dotenv.ts, so that the two can disagree.
 */
export interface DotenvFile {
  /** The last assignment of a name wins. */
  readonly values: ReadonlyMap<string, string>;
  /** Every assignment in the order of the file, with its place in the text. */
  readonly statements: readonly Statement[];
  /** What Compose refuses; then `statements` are those before it and Compose uses none of them. */
  readonly error?: string;
}

export interface Statement {
  readonly name: string;
  /** Offset of the first character, `export` included. */
  readonly start: number;
  /** Offset behind the closing quote, or behind an unquoted value before its comment. */
  readonly end: number;
}

/** Reads a whole file. Values may use variables before them and those of `lookup`, which win as a shell's do. */
export function readDotenv(text: string, lookup: Lookup = () => undefined): DotenvFile {
  const reader = new Reader(text.replace(/^\uFEFF/, ""), text.startsWith("\uFEFF") ? 1 : 0, lookup);
  const error = reader.run();
  return { values: reader.values, statements: reader.statements, ...(error === undefined ? {} : { error }) };
}

const BLANKS = /^[\t\v\f\r \u0085\u00a0]*/;
/** Go's unicode.IsSpace; JavaScript's own class has one more and one less. */
const SPACES = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*/;
const TRAILING = new RegExp(`${SPACES.source.slice(1)}$`);

class Reader {
  readonly values = new Map<string, string>();
  readonly statements: Statement[] = [];
  readonly #text: string;
  readonly #shift: number;
  readonly #lookup: Lookup;
  #at = 0;

  constructor(text: string, shift: number, lookup: Lookup) {
    this.#text = text;
    this.#shift = shift;
    this.#lookup = (name) => lookup(name) ?? this.values.get(name);
  }

  run(): string | undefined {
    while (this.#toStatement()) {
      const start = this.#at;
      const key = this.#readKey();
      if ("refused" in key) {
        return this.#error(key.refused);
      }
      if (key.inherited) {
        continue; // a bare name: taken from the environment of the reader, nothing is assigned
      }
      try {
        if (!this.#readValue(key.name, start)) {
          return this.#error(`the quoted value of ${key.name} does not end`);
        }
      } catch (error) {
        return this.#error(error instanceof Error ? error.message : "unreadable");
      }
    }
    return undefined;
  }

  #error(what: string): string {
    return `line ${String(this.#text.slice(0, this.#at).split("\n").length)}: ${what}`;
  }

  #toStatement(): boolean {
    for (;;) {
      this.#at += SPACES.exec(this.#text.slice(this.#at))?.[0].length ?? 0;
      if (this.#text[this.#at] !== "#") {
        return this.#at < this.#text.length;
      }
      const end = this.#text.indexOf("\n", this.#at);
      this.#at = end === -1 ? this.#text.length : end;
    }
  }

  /** Leaves the position behind `=`, `:` or the end of the line. */
  #readKey(): { name: string; inherited: boolean } | { refused: string } {
    const exported = /^export[\t\n\f\r ]/.test(this.#text.slice(this.#at, this.#at + 7));
    const from = exported ? this.#skipBlanks(this.#at + 6) : this.#at;
    for (let at = from; at < this.#text.length; at += 1) {
      const char = String.fromCodePoint(this.#text.codePointAt(at) ?? 0);
      if (char === "=" || char === ":" || char === "\n") {
        this.#at = at + 1;
        const name = this.#text.slice(from, at).replace(TRAILING, "");
        return name.includes(" ") ? { refused: "a name contains a blank" } : { name, inherited: char === "\n" };
      }
      if (!/^[\t\v\f\r \u0085\u00a0_.\-[\]\p{L}\p{N}]$/u.test(char)) {
        return { refused: "an unexpected character in a name" };
      }
      at += char.length - 1;
    }
    this.#at = from;
    // compose-go takes a last word without `=` as the value of an empty name, and refuses a last `export`
    return from === this.#text.length ? { refused: "nothing behind export" } : { name: "", inherited: false };
  }

  /** False when a quote does not end. */
  #readValue(name: string, start: number): boolean {
    this.#at = this.#skipBlanks(this.#at);
    const mark = this.#text[this.#at];
    if (mark !== "'" && mark !== '"') {
      this.#readBare(name, start);
      return true;
    }
    const from = this.#at + 1;
    const end = closingQuote(this.#text, from, mark);
    if (end === undefined) {
      return false;
    }
    this.#at = end + 1;
    const inner = this.#text.slice(from, end);
    const raw = inner.replace(new RegExp(`\\\\([\\\\${mark}])`, "g"), (pair, next: string) =>
      next === mark ? mark : pair,
    );
    this.#found(name, start, this.#at, mark === "'" ? raw : interpolate(unescape(raw), this.#lookup));
    return true;
  }

  #readBare(name: string, start: number): void {
    const end = this.#text.indexOf("\n", this.#at);
    const line = this.#text.slice(this.#at, end === -1 ? undefined : end);
    const value = line.split(" #")[0] ?? "";
    const from = this.#at;
    this.#at = end === -1 ? this.#text.length : end + 1;
    this.#found(name, start, from + value.length, interpolate(value.replace(TRAILING, ""), this.#lookup));
  }

  #found(name: string, start: number, end: number, value: string): void {
    this.statements.push({ name, start: start + this.#shift, end: end + this.#shift });
    this.values.set(name, value);
  }

  #skipBlanks(at: number): number {
    return at + (BLANKS.exec(this.#text.slice(at))?.[0].length ?? 0);
  }
}

function closingQuote(text: string, from: number, mark: string): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") {
      at += 1;
    } else if (text[at] === mark) {
      return at;
    }
  }
  return undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** Go's escapes as far as compose-go knows them. `\c` is not one of Go's and stays; `\$` becomes `$$`, a literal dollar. */
function unescape(text: string): string {
  return text.replace(
    /\\(?:([abcfnrtv$"\\])|0(\d{0,3}))/g,
    (whole: string, letter: string | undefined, octal: string | undefined) => {
      if (letter !== undefined) {
        return letter === "$" ? "$$" : (ESCAPES[letter] ?? (letter === "c" ? whole : letter));
      }
      return octal?.length === 3 && /^[0-3][0-7]{2}$/.test(octal)
        ? String.fromCodePoint(parseInt(octal, 8))
        : `\\${octal ?? ""}`;
    },
  );
}
