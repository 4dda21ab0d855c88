// @ts-check
/**
 * What somebody has looked at and found harmless: guard/allow.txt. A line names one content by its object id, one rule, and
 * the reason; so it allows nothing else, and ends when the content changes.
 */
import { NotUnderstood } from "./read/yaml.mjs";

export const ALLOW_FILE = "guard/allow.txt";

/**
 * What can be repaired in place is never allowed in a commit: a source in clear, recipients, rules that lock out. In the
 * history it may be: there nothing can be repaired any more but the values themselves.
 */
const NEVER_STAGED = /^(?:source-|root-of-trust$|lock-out$|sops-rules$|allow-list$|absent$)/;

/** @param {string} rule */
export function isAllowable(rule) {
  return !NEVER_STAGED.test(rule);
}

/** @typedef {{ blob: string, rule: string, reason: string, line: number }} Allowance */

/**
 * Throws {@link NotUnderstood}: a list with a fault allows nothing.
 *
 * @param {string} text
 * @returns {Allowance[]}
 */
export function parseAllowances(text) {
  return text.split("\n").flatMap((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) {
      return [];
    }
    const [, blob = "", rule = "", reason = ""] = /^([0-9a-f]{40}|[0-9a-f]{64})\s+(\S+)\s+(\S.*)$/.exec(line) ?? [];
    if (reason === "") {
      throw new NotUnderstood(index + 1, "is not `BLOB RULE REASON` with the whole object id");
    }
    return [{ blob, rule, reason, line: index + 1 }];
  });
}

export class Allowed {
  #allowances;
  #used = new Set();

  /** @param {readonly Allowance[]} allowances */
  constructor(allowances) {
    this.#allowances = new Map(allowances.map((one) => [`${one.blob} ${one.rule}`, one]));
  }

  /**
   * The allowance for a finding.
   *
   * @param {{ blob: string, rule: string }} finding
   */
  find({ blob, rule }) {
    const found = this.#allowances.get(`${blob} ${rule}`);
    if (found !== undefined) {
      this.#used.add(found);
    }
    return found;
  }

  /** Those that nothing was found for. */
  unused() {
    return [...this.#allowances.values()].filter((one) => !this.#used.has(one));
  }
}
