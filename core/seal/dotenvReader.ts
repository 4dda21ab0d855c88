/**
 * The reader of `.env` assignments, hand-edited ones included: it says exactly what Docker Compose would read, or that it
 * cannot say. The rules are those of compose-go's dotenv/parser.go (v2.13); dotenv.ts is the way there.
 */

/** What one assignment says, or why its value cannot be known. */
export type ReadValue = { readonly value: string } | { readonly unreadable: string };

/** Go's `unicode.IsSpace`; JavaScript's `\s` has one more and one less. */
const SPACE = "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
/** Compose's blanks within a line. */
const BLANK = "[\\t\\v\\f\\r \\u0085\\u00a0]";

const HEAD = new RegExp(
  `^${SPACE}*(?:export[\\t\\f\\r ]${BLANK}*|(?!export[\\t\\n\\f\\r ]))([A-Za-z_][A-Za-z0-9_.-]*)${BLANK}*[=:]${BLANK}*`,
);
const IS_SPACE = new RegExp(`^${SPACE}`);
const EMPTY_OR_COMMENT = new RegExp(`^${SPACE}*(?:#|$)`);

/**
 * Reads the text of one assignment (`NAME=…`, possibly over several lines), `undefined` when it is none. A value that
 * depends on the environment of Compose (`$x` outside of single quotes) cannot be known and is reported as such.
 */
export function readAssignment(text: string): { name: string; read: ReadValue } | undefined {
  const head = HEAD.exec(text);
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
  const [line = "", ...others] = rest.split("\n");
  const [value = ""] = line.split(" #", 1);
  return alone(others.join("\n"), interpolate(trimEnd(value)));
}

function readQuoted(rest: string, mark: "'" | '"'): ReadValue {
  const end = closingQuote(rest, mark);
  if (end === undefined) {
    return { unreadable: "has no closing quote" };
  }
  // Either quote escapes itself; every other pair, `\\` too, is left to the double quote's own escapes.
  const inner = rest.slice(1, end).replace(/\\(.)/gs, (pair, next: string) => (next === mark ? mark : pair));
  return alone(rest.slice(end + 1), mark === "'" ? { value: inner } : interpolate(unescape(inner)));
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

/** Compose goes on with what stands behind a value as with a new line: it may assign the name anew. */
function alone(behind: string, read: ReadValue): ReadValue {
  const more = behind.split("\n").some((line) => !EMPTY_OR_COMMENT.test(line));
  return more ? { unreadable: "is followed by something else" } : read;
}

/** Not `SPACE+$`, which would look at every run of blanks inside the value. */
function trimEnd(value: string): string {
  let end = value.length;
  while (end > 0 && IS_SPACE.test(value.charAt(end - 1))) {
    end -= 1;
  }
  return value.slice(0, end);
}

/** Go's escapes as far as Compose knows them; `\c` is none of Go's and stays. `\$` becomes `$$`, a literal dollar. */
const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  c: "\\c",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  $: "$$",
  '"': '"',
  "\\": "\\",
};

function unescape(inner: string): string {
  return inner.replace(/\\(?:([abcfnrtv$"\\])|0(\d{0,3}))/g, (_, letter?: string, octal?: string) =>
    letter === undefined ? fromOctal(octal ?? "") : (ESCAPES[letter] ?? ""),
  );
}

/** `\0101` is `A`. Of what is not a byte in three octal digits Compose drops the zero and keeps the rest. */
function fromOctal(digits: string): string {
  return /^[0-3][0-7]{2}$/.test(digits) ? String.fromCharCode(parseInt(digits, 8)) : `\\${digits}`;
}

/** `$$` is a dollar; one that begins a variable depends on the environment; any other stands for itself. */
function interpolate(text: string): ReadValue {
  const depends = [...text.matchAll(/\$(?:\$|[_a-z{])/giu)].some(([found]) => found !== "$$");
  return depends ? { unreadable: "is interpolated" } : { value: text.replaceAll("$$", () => "$") };
}
