/** One change of a text: `text` takes the place of what stands between the two offsets. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Makes all changes at once. Equal ones count once: two jobs that share a step through an anchor ask for the same change.
 * Insertions come before what is taken away at the same offset, in the order given. Throws when two changes overlap.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const inOrder = unique(edits).sort((a, b) => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start));
  let done = "";
  let at = 0;
  for (const edit of inOrder) {
    if (edit.start < at) {
      throw new Error("two changes of one place");
    }
    done += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return done + text.slice(at);
}

function unique(edits: readonly Edit[]): Edit[] {
  return [...new Map(edits.map((edit) => [JSON.stringify([edit.start, edit.end, edit.text]), edit])).values()];
}

/** Offset of the start of the line that `offset` is in. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Offset behind the line that `offset` is in, its end of line included. */
export function nextLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end === -1 ? text.length : end + 1;
}

/** How many characters stand before `offset` in its line. */
export function column(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** The line that `offset` is in, without its end. */
export function lineAt(text: string, offset: number): string {
  return text.slice(lineStart(text, offset), nextLine(text, offset)).replace(/\r?\n$/, "");
}

/** Start of the first line of the comment right above a key or a dash, which speaks of it; else of its own line. */
export function aboveComments(text: string, offset: number, indent: number): number {
  let at = lineStart(text, offset);
  while (at > 0) {
    const above = lineStart(text, at - 1);
    const line = text.slice(above, at);
    if (line.slice(0, indent).trim() !== "" || line[indent] !== "#") {
      break;
    }
    at = above;
  }
  return at;
}

/**
 * Inserts whole lines at the start of a line, or behind a last line that has no end. `lines` carry no ends of line; they get
 * those of the file.
 */
export function insertLines(text: string, at: number, lines: readonly string[]): Edit {
  const end = endOfLine(text);
  const behindUnended = at === text.length && at > 0 && text[at - 1] !== "\n";
  return {
    start: at,
    end: at,
    text: behindUnended ? lines.map((line) => end + line).join("") : lines.map((line) => line + end).join(""),
  };
}

/** How the file's first line ends. */
export function endOfLine(text: string): "\r\n" | "\n" {
  return /\r?\n/.exec(text)?.[0] === "\r\n" ? "\r\n" : "\n";
}
