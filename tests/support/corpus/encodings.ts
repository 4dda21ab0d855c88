/** The ways in which a text gets into a file: as it is, in another encoding, inside another language, far down. */

export interface Encoding {
  readonly name: string;
  readonly encode: (text: string) => Buffer;
}

const utf8 = (text: string) => Buffer.from(text, "utf8");
const wrapped = (text: string, every: number) => text.replace(new RegExp(`.{${String(every)}}`, "g"), "$&\n");

/** Every way; each leaves the text whole. */
export const ENCODINGS: readonly Encoding[] = [
  { name: "plain", encode: utf8 },
  {
    name: "CRLF, with a mark of UTF-8",
    encode: (text) => utf8(`\ufeff# notes\r\n${text.replaceAll("\n", "\r\n")}\r\n`),
  },
  { name: "UTF-16, as PowerShell writes it", encode: (text) => Buffer.from(`\ufeff${text}\r\n`, "utf16le") },
  { name: "UTF-16, the other way round", encode: (text) => Buffer.from(`\ufeff${text}\n`, "utf16le").swap16() },
  { name: "UTF-16 without a mark", encode: (text) => Buffer.from(`line\r\n${text}\r\n`, "utf16le") },
  { name: "base64", encode: (text) => utf8(Buffer.from(text).toString("base64")) },
  { name: "base64, wrapped at 76", encode: (text) => utf8(wrapped(Buffer.from(text).toString("base64"), 76)) },
  { name: "base64 in YAML", encode: (text) => utf8(`data:\n  value: ${Buffer.from(text).toString("base64")}\n`) },
  { name: "base64 of more text", encode: (text) => utf8(Buffer.from(`A=1\nB=${text}\nC=2\n`).toString("base64")) },
  { name: "base64url in JSON", encode: (text) => utf8(JSON.stringify({ v: Buffer.from(text).toString("base64url") })) },
  { name: "base64 behind a path", encode: (text) => utf8(`x/${Buffer.from(text).toString("base64")}`) },
  { name: "hex", encode: (text) => utf8(Buffer.from(text).toString("hex")) },
  { name: "hex, upper case", encode: (text) => utf8(Buffer.from(text).toString("hex").toUpperCase()) },
  { name: "URL-escaped", encode: (text) => utf8(`https://x.example/?q=${encodeURIComponent(text)}&r=1`) },
  { name: "JSON", encode: (text) => utf8(JSON.stringify({ a: 1, text, b: 2 })) },
  { name: "JSON in JSON", encode: (text) => utf8(JSON.stringify({ body: JSON.stringify({ text }) })) },
  { name: "a line before, escaped", encode: (text) => utf8(JSON.stringify(`first\n${text}\tlast`)) },
  { name: "shell, single quotes", encode: (text) => utf8(`export V='${text.replaceAll("'", `'\\''`)}'\n`) },
  { name: "a log line", encode: (text) => utf8(`2026-11-26T04:00:00Z INFO got (${text}) from upstream\n`) },
  { name: "Markdown", encode: (text) => utf8(`# Notes\n\nUse \`${text}\` for now.\n`) },
  { name: "a comment", encode: (text) => utf8(`int main() { return 0; } // ${text}\n`) },
  { name: "a binary file", encode: (text) => Buffer.concat([junk(3000), utf8(`\0${text}\0`), junk(500)]) },
  { name: "one long line", encode: (text) => utf8(`${"var a=b(c,d);".repeat(5000)}"${text}"${"e=f;".repeat(500)}`) },
  { name: "far down", encode: (text) => utf8(`${"a line of text\n".repeat(5_500)}${text}\nend\n`) },
];

/** Bytes as a program has them, the same every time. */
function junk(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, at) => (at * 7919 + (at >> 3)) & 0xff));
}
