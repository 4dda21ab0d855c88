// @ts-check
/**
 * Rules for the few kinds of text that are read as a whole: sources and examples. Apart from the other rules, because the hook
 * loads them only for a commit that has such a text.
 */
import { exampleHits } from "./rules/examples.mjs";
import { readSource } from "./rules/sources.mjs";

/** @typedef {import("./finding.mjs").Hit} Hit */
/** @typedef {{ hits: Hit[], source: import("./rules/sources.mjs").SourceText | undefined }} TextVerdict */

/**
 * @param {import("./judge.mjs").ContentJudge["kind"]} kind
 * @param {string} text
 * @param {string} path
 * @returns {TextVerdict}
 */
export function judgeText(kind, text, path) {
  switch (kind) {
    case "source": {
      const source = readSource(text, path);
      return { hits: source.hits, source };
    }
    case "example":
      return { hits: exampleHits(text), source: undefined };
    default:
      return { hits: [], source: undefined };
  }
}
