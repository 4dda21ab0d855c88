// @ts-check
/**
 * What somebody has looked at and found harmless: guard/allow.txt. A line names one content by its object id, one rule, and
 * the reason; so it allows nothing else, and ends when the content changes.
 */
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
 * A list with a fault allows nothing; the fault is given back.
 *
 * @param {string} text
 * @returns {{ allowances: Allowance[], fault: { line: number, what: string } | undefined }}
 */
export function parseAllowances(text) {
  /** @type {{ line: number, what: string } | undefined} */
  let fault;
  const allowances = text.split("\n").flatMap((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) {
      return [];
    }
    const [, blob = "", rule = "", reason = ""] = /^([0-9a-f]{40}|[0-9a-f]{64})\s+(\S+)\s+(\S.*)$/.exec(line) ?? [];
    if (reason === "") {
      fault ??= { line: index + 1, what: "is not `BLOB RULE REASON` with the whole object id" };
      return [];
    }
    return [{ blob, rule, reason, line: index + 1 }];
  });
  return fault === undefined ? { allowances, fault } : { allowances: [], fault };
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

  /**
   * From the text of the list; a fault in it is added to the findings.
   *
   * @param {string | undefined} text
   * @param {import("./finding.mjs").Finding[]} findings
   */
  static read(text, findings) {
    const { allowances, fault } = parseAllowances(text ?? "");
    if (fault !== undefined) {
      const repair = "write the whole object id, one rule, and the reason";
      findings.push({ path: ALLOW_FILE, blob: "", rule: "allow-list", ...fault, repair });
    }
    return new Allowed(allowances);
  }

  /** Those that nothing was found for. */
  unused() {
    return [...this.#allowances.values()].filter((one) => !this.#used.has(one));
  }
}
