// @ts-check
/** Rule for `*.env*.example`: its values are empty, placeholders, or say nothing. */
import { isPlaceholder, isReference } from "./placeholder.mjs";

/** @typedef {import("../finding.mjs").Hit} Hit */

/** Values that are the same everywhere: switches, small numbers, a developer's own machine. */
const HARMLESS =
  /^(?:true|false|yes|no|on|off|\d{1,5}|debug|info|warn|warning|error|development|production|staging|test|utc|[A-Z][A-Za-z]+\/[A-Z][A-Za-z_]+|(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d{1,5})?\/?)$/i;

/**
 * @param {string} text
 * @returns {Hit[]}
 */
export function exampleHits(text) {
  return text.split("\n").flatMap((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) {
      return [];
    }
    const [, name = "", written] = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*(?:=|:\s)\s*(.*)$/.exec(line) ?? [];
    if (written !== undefined && saysNothing(written)) {
      return [];
    }
    const what = "has a value; an example holds empty values and placeholders only";
    const repair = "leave the value empty";
    return [{ rule: "env-example", line: index + 1, ...(name === "" ? {} : { name }), what, repair }];
  });
}

/** @param {string} written */
function saysNothing(written) {
  const bare = written.replace(/\s+#.*$/, "").trim();
  const value = /^(["'])(.*)\1$/.exec(bare)?.[2] ?? bare;
  return isPlaceholder(value) || isReference(value) || HARMLESS.test(value);
}
