// @ts-check
/**
 * Judges one entry of a tree: its path, its mode and its content as it streams by. The hook, the guard of a range and the
 * audit of the history all judge with this.
 */
import { asArgument } from "./finding.mjs";
import { findMaterial } from "./rules/material.mjs";
import { isExamplePath, isLockPath, isRulesPath, isSourcePath, MODE, nameHits } from "./rules/names.mjs";
import { Scanner } from "./scan.mjs";

/** @typedef {import("./finding.mjs").Hit} Hit */

/** Larger than any source or example that a person writes (the largest `.env` for a host has 700 KiB). */
const LARGEST_TEXT = 4 * 1024 * 1024;

/**
 * What of a path decides how its content is judged. One content under two paths of the same kind is judged once.
 *
 * @param {string} path
 * @param {string} mode
 * @returns {"source" | "rules" | "example" | "lock" | "plain"}
 */
export function kindOfPath(path, mode) {
  if (mode === MODE.link || mode === MODE.module) {
    return "plain";
  }
  if (isSourcePath(path)) {
    return "source";
  }
  if (isRulesPath(path)) {
    return "rules";
  }
  return isExamplePath(path) ? "example" : isLockPath(path) ? "lock" : "plain";
}

/**
 * What the path says by itself. The name may hold a value too.
 *
 * @param {string} path
 * @param {string} mode
 * @returns {Hit[]}
 */
export function judgePath(path, mode) {
  const named = findMaterial(path).map(({ rule, what }) => ({
    rule,
    what: `its name ${what}`,
    repair: "rename the file, and rotate the value",
  }));
  return [...nameHits(path, mode), ...named];
}

export class ContentJudge {
  /** @type {Scanner} */
  #scanner;
  /** @type {Buffer[] | undefined} */
  #text;
  #length = 0;
  #path;
  #kind;
  /** @type {string | undefined} the text of a source, of rules or an example, once it has come to its end */
  text;

  /**
   * @param {string} path
   * @param {string} mode
   */
  constructor(path, mode) {
    this.#path = path;
    this.#kind = kindOfPath(path, mode);
    this.#scanner = new Scanner({ assignments: this.#kind !== "lock" });
    this.#text = this.#kind === "plain" || this.#kind === "lock" ? undefined : [];
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    this.#scanner.push(chunk);
    this.#length += chunk.length;
    if (this.#length > LARGEST_TEXT) {
      this.#text &&= [];
    } else {
      this.#text?.push(chunk);
    }
  }

  /** Whether the text has to be read as a whole: by {@link import("./texts.mjs").judgeText}. */
  get kind() {
    return this.#kind;
  }

  /** @returns {Hit[]} */
  end() {
    const hits = this.#scanner.end().map((hit) => ({ ...hit, repair: takeOut(this.#path) }));
    if (this.#text === undefined) {
      return hits;
    }
    if (this.#length > LARGEST_TEXT) {
      return [...hits, { rule: "too-large", what: "is too large for a file of its kind", repair: "split it" }];
    }
    this.text = Buffer.concat(this.#text).toString("utf8");
    return hits;
  }
}

/** @param {string} path */
function takeOut(path) {
  return `take the value out of ${asArgument(path)}, keep it in secrets/ (sops edit), and rotate it if it was ever pushed`;
}
