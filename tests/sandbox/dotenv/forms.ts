/** Assignments as people write them. */
import fc from "fast-check";

const WORDS = [
  ..."A= A=' A=\" export B ' \" \\ \\' \\\" \\\\ \\$ \\n \\t \\c \\a \\0 \\0101 \\0044 \\0377 \\0400 \\018 \\x41 \\u0041 = : # #c $ $$ $$$ $5 $x ${x} ${x:-y} { } a é 漢 🔑 ſ \u212a B=2".split(
    " ",
  ),
  ...[" ", " ", " #", "\t", "\v", "\f", "\r", "\n", "\r\n", "\u0085", "\u00a0", "\u1680", "\u2028", "\u3000", "\ufeff"],
];
const words = (maxLength: number) => fc.array(fc.constantFrom(...WORDS), { maxLength }).map((parts) => parts.join(""));

const blank = fc.constantFrom("", "", " ", "\t", "  ", " \u00a0", "\v", "\r");
const head = fc
  .tuple(
    blank,
    fc.constantFrom("", "", "", "export ", "export\t", "export \v"),
    blank,
    fc.constantFrom("=", "=", ":"),
    blank,
  )
  .map(([first, exported, before, sign, after]) => `${first}${exported}A${before}${sign}${after}`);
const comment = fc.constantFrom("", "", " # comment", " #", "\t# 'x", " # it's\n# more\n");

const bare = words(5).map((text) => text.replace(/\n/g, "").replace(/^['"]+/, ""));
const single = words(6).map((text) => `'${text.replace(/\\*'/g, "\\'").replace(/\\+$/, "")}'`);
const double = words(6).map((text) => `"${text.replace(/\\*"/g, '\\"').replace(/\\+$/, "")}"`);

/** One assignment of `A` in each form that Compose knows. */
export const assignment = fc.tuple(head, fc.oneof(bare, single, double), comment).map((parts) => parts.join(""));

/** Whatever the pieces make: mostly no assignment, or several, or broken ones. */
export const anyText = fc
  .tuple(fc.constantFrom("", "A=", "A='", 'A="', "export "), words(8))
  .map((parts) => parts.join(""));
