/** The ways in which a value may stand in a text: as it is, encoded, or escaped for another language. */

/** One way, and what to look for. */
export interface Form {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Shorter texts say nothing: they occur by chance, and a {@link Searcher} needs this many bytes unless told otherwise. */
export const SHORTEST = 15;

const BASE64 = [0, 1, 2] as const;

/**
 * Every form of `piece` that differs from the forms before it. Base64 of a longer text is found wherever the piece
 * begins in it: at each of the three offsets only the digits are taken that no neighbour has a part in. Forms of fewer than
 * `shortest` bytes are left out.
 */
export function formsOf(piece: Buffer, shortest = SHORTEST): Form[] {
  const encoded: Form[] = [
    { name: "plain", bytes: piece },
    ...BASE64.map((offset) => ({ name: `base64 (offset ${offset})`, bytes: base64(piece, offset, "base64") })),
    ...BASE64.map((offset) => ({ name: `base64url (offset ${offset})`, bytes: base64(piece, offset, "base64url") })),
    { name: "hex", bytes: Buffer.from(piece.toString("hex")) },
    { name: "hex (upper case)", bytes: Buffer.from(piece.toString("hex").toUpperCase()) },
  ];
  const text = piece.toString("utf8");
  const escaped = Buffer.from(text).equals(piece)
    ? Object.entries(ESCAPES).map(([name, escape]) => ({ name, bytes: Buffer.from(escape(text)) }))
    : [];
  const met = new Set<string>();
  return [...encoded, ...escaped].filter(({ bytes }) => {
    const seen = bytes.toString("latin1");
    return bytes.length >= shortest && !met.has(seen) && met.add(seen);
  });
}

function base64(piece: Buffer, offset: 0 | 1 | 2, alphabet: "base64" | "base64url"): Buffer {
  const digits = Buffer.concat([Buffer.alloc(offset), piece]).toString(alphabet);
  const whole = Math.floor(((offset + piece.length) * 8) / 6);
  return Buffer.from(digits.slice(Math.ceil((offset * 8) / 6), whole));
}

type Escape = (text: string) => string;

const url: Escape = (text) => encodeURIComponent(text).replace(/[!'()*]/g, percent);
const percent = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
const lowerPercent: Escape = (text) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
const json: Escape = (text) => JSON.stringify(text).slice(1, -1);
const unicode = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
/** As Go's encoding/json writes it, the engine's among others. */
const goJson: Escape = (text) => json(text).replace(/[<>&\u2028\u2029]/g, unicode);
/** As Python and many log formats write it. */
const asciiJson: Escape = (text) => json(text).replace(/[^ -~]/g, unicode);
const backslashed = (text: string, signs: RegExp) => text.replace(signs, "\\$&");

/** The marks of each: what it is a form for. */
const ESCAPES: Readonly<Record<string, Escape>> = {
  "URL-escaped": url,
  "URL-escaped (lower case)": (text) => lowerPercent(url(text)),
  "URL-escaped (encodeURIComponent)": (text) => encodeURIComponent(text),
  "URL-escaped (form)": (text) => url(text).replaceAll("%20", "+"),
  "JSON-escaped": json,
  "JSON-escaped (Go)": goJson,
  "JSON-escaped (ASCII)": asciiJson,
  "JSON in JSON": (text) => json(json(text)),
  "JSON in JSON (Go)": (text) => goJson(goJson(text)),
  "JSON in JSON in JSON": (text) => json(json(json(text))),
  "shell-escaped (single quotes)": (text) => text.replaceAll("'", `'\\''`),
  "shell-escaped (mixed quotes)": (text) => text.replaceAll("'", `'"'"'`),
  "shell-escaped (double quotes)": (text) => backslashed(text, /["\\$`]/g),
  "shell-escaped (backslashes)": (text) => backslashed(text, /[^A-Za-z0-9_./:@%+,=\-\u0080-\uffff]/g),
  "shell-escaped ($'…')": (text) => backslashed(text, /['\\]/g).replaceAll("\n", "\\n").replaceAll("\t", "\\t"),
  ".env (single quotes)": (text) => text.replaceAll("'", "\\'"),
  ".env (double quotes)": (text) => backslashed(text, /[\\"$]/g),
  "YAML (single quotes)": (text) => text.replaceAll("'", "''"),
};

/** The names of all forms, in the order in which they are tried. */
export const FORM_NAMES: readonly string[] = [
  "plain",
  ...BASE64.map((offset) => `base64 (offset ${offset})`),
  ...BASE64.map((offset) => `base64url (offset ${offset})`),
  "hex",
  "hex (upper case)",
  ...Object.keys(ESCAPES),
];
