/** What secrets look like at their worst. */
import fc from "fast-check";

/** Pieces that each mean something to a reader of `.env` files, to a shell, or to whoever splits text into lines. */
const NASTY = [
  ..."' \" \\ \\\\ \\' \\\" \\$ \\n \\r \\0 \\0140 $ $$ ${ ${x} ${x:-y} $x $HOME $(touch${IFS}ran) $5 } # = : ` ! % ~ & ; | < > * ? [ ] ( )".split(
    " ",
  ),
  ..."`touch${IFS}ran` ' \" a N 0 7 9 A=1 export é ß 漢 🔑 👩‍👩‍👧".split(" "),
  ...[" ", "  ", " #", "\t", "\n", "\n\n", "\r", "\r\n", "\v", "\f", "\b", "\x07", "\x1b[0m", "\x7f", "\x81", "\x88"],
  ...["\u0085", "\u00a0", "\u2028", "\u2029", "\u3000", "\ufeff", "\ufffd", "\nB=2\n", "'\nB=2\n'", '"\nB=2\n"'],
];

const PEM = ["-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC+/==", "-----END PRIVATE KEY-----", ""];

const nasty = fc.array(fc.constantFrom(...NASTY), { maxLength: 8 }).map((pieces) => pieces.join(""));
const json = fc.json({ maxDepth: 2 });
const pem = fc.constantFrom("\n", "\r\n", "\\n").map((end) => PEM.join(end));
const backslashes = fc.tuple(nasty, fc.nat({ max: 7 })).map(([text, count]) => text + "\\".repeat(count));
const outerBlanks = fc
  .tuple(fc.constantFrom(" ", "\t", "\n", "\r\n"), nasty)
  .map(([blank, text]) => blank + text + blank);
const long = fc
  .tuple(nasty, fc.integer({ min: 100, max: 3000 }))
  .map(([text, count]) => text.repeat(count).slice(0, 60_000));
const anything = fc.string({ unit: "binary", maxLength: 40 });

/** Values that a `.env` file can carry. */
export const carried = fc
  .oneof(
    { weight: 40, arbitrary: nasty },
    { weight: 15, arbitrary: backslashes },
    { weight: 10, arbitrary: outerBlanks },
    { weight: 10, arbitrary: anything },
    { weight: 10, arbitrary: json },
    { weight: 2, arbitrary: pem },
    { weight: 1, arbitrary: long },
  )
  .filter((value) => value.isWellFormed() && !value.includes("\0"));

/** Values that none can: a NUL, or half of a surrogate pair, somewhere. */
export const notCarried = fc
  .tuple(nasty, fc.constantFrom("\0", "\ud83d", "\udd11", "\udd11\ud83d"), nasty)
  .map((parts) => parts.join(""))
  .filter((value) => value.includes("\0") || !value.isWellFormed());

/** Names as Compose and a shell take them, with digits, none that a shell sets itself. */
const name = fc.stringMatching(/^[A-Z_a-z][A-Z0-9_a-z]{0,12}$/).map((text) => `P24_${text}`);

/** Whole files: name to value. */
export const manyValues = fc.uniqueArray(fc.tuple(name, carried), {
  selector: ([text]) => text,
  minLength: 40,
  maxLength: 60,
});
