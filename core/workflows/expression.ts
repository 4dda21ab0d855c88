/** How a scalar is written in YAML, as far as it changes what an apostrophe looks like in the source. */
export type Quoting = "plain" | "single" | "double";

/** One property of a context, found in the source text of a scalar: `secrets.GH_PAT`, or the same in brackets. */
export interface ContextUse {
  /** In upper case: GitHub compares names of secrets without regard to case. `undefined`: computed, or all of them. */
  readonly name: string | undefined;
  /** Offsets into the source: the whole of `secrets.GH_PAT`, without what stands around it. */
  readonly start: number;
  readonly end: number;
}

/**
 * Finds where the expressions of a scalar use `context` (`secrets`, `env`). `source` is the text as it stands in the file,
 * quotes and escapes included, so that the offsets can be edited; `bare` says that all of it is one expression without
 * `${{ }}`, as in `if:`. Text outside of expressions, and strings inside of them, are no uses.
 *
 * The grammar is that of actions/runner, `Expressions2/Tokens/LexicalAnalyzer.cs`: strings in apostrophes, doubled for one;
 * blanks between any two parts. Double quotes are an error there; here they count as quotes, so that such a use is seen.
 */
export function contextUses(source: string, quoting: Quoting, context: string, bare = false): ContextUse[] {
  const uses: ContextUse[] = [];
  const reader = new Reader(source, quoting);
  if (bare && !source.includes("${{")) {
    readExpression(reader, context, uses);
    return uses;
  }
  for (let at = source.indexOf("${{"); at !== -1; at = source.indexOf("${{", reader.at)) {
    reader.at = at + 3;
    readExpression(reader, context, uses);
  }
  return uses;
}

/** Reads up to behind the closing braces, or the end. */
function readExpression(reader: Reader, context: string, uses: ContextUse[]): void {
  for (let behindDot = false; !reader.done;) {
    if (reader.take(/\}\}/y) !== undefined) {
      return;
    }
    if (reader.string() !== undefined || reader.take(/\s+/y) !== undefined) {
      continue;
    }
    const start = reader.at;
    const word = reader.take(/[A-Za-z_][A-Za-z0-9_-]*/y);
    if (word === undefined) {
      behindDot = reader.take(/[^]/y) === ".";
      continue;
    }
    if (!behindDot && word.toLowerCase() === context) {
      uses.push({ name: readProperty(reader), start, end: reader.at });
    }
    behindDot = false;
  }
}

/** The property behind a context's name. When it is none that can be read, nothing is taken. */
function readProperty(reader: Reader): string | undefined {
  const before = reader.at;
  const dotted = reader.take(/\s*\.\s*/y) !== undefined;
  if (dotted) {
    const name = reader.take(/[A-Za-z_][A-Za-z0-9_-]*/y);
    if (name !== undefined) {
      return name.toUpperCase();
    }
  } else if (reader.take(/\s*\[\s*/y) !== undefined) {
    const name = reader.string();
    if (name !== undefined && reader.take(/\s*\]/y) !== undefined) {
      return name.toUpperCase();
    }
  }
  reader.at = before;
  return undefined;
}

class Reader {
  at = 0;
  readonly #quotes: readonly string[];

  constructor(
    readonly source: string,
    quoting: Quoting,
  ) {
    this.#quotes = { plain: ["'", '"'], single: ["''", '"'], double: ["'", '\\"'] }[quoting];
  }

  get done(): boolean {
    return this.at >= this.source.length;
  }

  /** Takes what fits here. `pattern` must be sticky. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.source) ?? [];
    this.at += found?.length ?? 0;
    return found === "" ? undefined : found;
  }

  /** Takes a string of the expression; gives what stands between its quotes. */
  string(): string | undefined {
    const quote = this.#quotes.find((candidate) => this.source.startsWith(candidate, this.at));
    if (quote === undefined) {
      return undefined;
    }
    const start = this.at + quote.length;
    let end = this.source.indexOf(quote, start);
    while (end !== -1 && this.source.startsWith(quote, end + quote.length)) {
      end = this.source.indexOf(quote, end + 2 * quote.length);
    }
    this.at = end === -1 ? this.source.length : end + quote.length;
    return this.source.slice(start, end === -1 ? undefined : end);
  }
}
