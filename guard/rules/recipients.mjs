// @ts-check
/**
 * Rules for .sops.yaml: it is understood, nobody is locked out by it, and the sources have the recipients that it gives
 * them. core/model/recipients.ts reads the same file with a whole YAML parser; tests/unit/guard/recipients.test.ts holds
 * the two against each other.
 */
import { asArgument } from "../finding.mjs";
import { NotUnderstood, parseYaml } from "../read/yaml.mjs";

/** @typedef {import("../finding.mjs").Hit} Hit */
/** @typedef {import("../read/yaml.mjs").Node} Node */

/**
 * @typedef {object} Rule
 * @property {string} pattern as written; empty: matches everything
 * @property {RegExp} expression
 * @property {Set<string>} recipients age recipients
 * @property {number} line
 * @property {boolean} split several groups: one recipient alone opens nothing
 */

/**
 * @typedef {object} Rules
 * @property {Map<string, string>} byName anchor to recipient
 * @property {Rule[]} rules
 */

/** Whose anchors begin like this are people; docs/architecture.md, and the spec's own names. */
const DEVELOPER = /^dev_/;

/**
 * Reads .sops.yaml.
 *
 * @param {string} text
 * @returns {{ rules: Rules, hits: [] } | { rules: undefined, hits: Hit[] }}
 */
export function readRules(text) {
  try {
    return { rules: rulesOf(parseYaml(text)), hits: [] };
  } catch (error) {
    if (error instanceof NotUnderstood) {
      const repair = "write it as the repository's template has it (keys with anchors, creation_rules with path_regex)";
      return { rules: undefined, hits: [{ rule: "sops-rules", line: error.line, what: error.message, repair }] };
    }
    throw error;
  }
}

/**
 * @param {Node} root
 * @returns {Rules}
 */
function rulesOf(root) {
  const anchors = new Map();
  gatherAnchors(root, anchors);
  const list = child(root, "creation_rules");
  if (list?.kind !== "list") {
    throw new NotUnderstood(1, "has no creation_rules");
  }
  const byName = new Map();
  for (const [name, node] of anchors) {
    if (node.kind === "scalar") {
      byName.set(name, node.value.trim());
    }
  }
  return { byName, rules: list.items.map((item) => ruleOf(item, anchors)) };
}

/**
 * @param {Node} item
 * @param {ReadonlyMap<string, Node>} anchors
 * @returns {Rule}
 */
function ruleOf(item, anchors) {
  const pattern = child(item, "path_regex");
  if (item.kind !== "map" || (pattern !== undefined && pattern.kind !== "scalar")) {
    throw new NotUnderstood(item.line, "has a rule without path_regex");
  }
  const written = pattern === undefined ? "" : pattern.value;
  const recipients = new Set();
  gather(item, anchors, recipients);
  const named = child(item, "key_groups");
  const groups = named?.kind === "alias" ? anchors.get(named.name) : named;
  return {
    pattern: written,
    expression: compile(written, item.line),
    recipients,
    line: item.line,
    split: (groups?.kind === "list" && groups.items.length > 1) || child(item, "shamir_threshold") !== undefined,
  };
}

/**
 * @param {string} pattern
 * @param {number} line
 */
function compile(pattern, line) {
  try {
    return new RegExp(pattern);
  } catch {
    throw new NotUnderstood(line, "has a path_regex that is not a regular expression");
  }
}

/**
 * @param {Node} node
 * @param {Map<string, Node>} anchors
 */
function gatherAnchors(node, anchors) {
  if (node.kind !== "alias" && node.anchor !== undefined) {
    anchors.set(node.anchor, node);
  }
  for (const inner of innerOf(node)) {
    gatherAnchors(inner, anchors);
  }
}

/**
 * All age recipients below a rule: strings (comma-separated as sops takes them), list items and aliases.
 *
 * @param {Node} node
 * @param {ReadonlyMap<string, Node>} anchors
 * @param {Set<string>} found
 */
function gather(node, anchors, found) {
  if (node.kind === "scalar") {
    for (const part of node.value.split(",")) {
      if (part.trim().startsWith("age1")) {
        found.add(part.trim());
      }
    }
  } else if (node.kind === "alias") {
    // The reader has seen to it that every alias has its anchor, and before it.
    gather(/** @type {Node} */ (anchors.get(node.name)), anchors, found);
  }
  for (const inner of innerOf(node)) {
    gather(inner, anchors, found);
  }
}

/**
 * @param {Node} node
 * @returns {Node[]}
 */
function innerOf(node) {
  switch (node.kind) {
    case "list":
      return node.items;
    case "map":
      return node.pairs.map(({ value }) => value);
    default:
      return [];
  }
}

/**
 * @param {Node} node
 * @param {string} name
 */
function child(node, name) {
  return node.kind === "map" ? node.pairs.find(({ key }) => key === name)?.value : undefined;
}

/**
 * The rule that sops takes for a path: the first that matches.
 *
 * @param {Rules} rules
 * @param {string} path
 */
export function ruleFor({ rules }, path) {
  return rules.find(({ expression }) => expression.test(path));
}

/**
 * Whether the recipients of an encrypted source are those that its rule names.
 *
 * @param {Rules} rules
 * @param {string} path
 * @param {ReadonlySet<string>} recipients
 * @returns {Hit[]}
 */
export function recipientHits(rules, path, recipients) {
  const rule = ruleFor(rules, path);
  if (rule === undefined) {
    // Elsewhere than in secrets/ sops may be used for other ends, with recipients of their own.
    const what = "no rule of .sops.yaml matches this file";
    const hit = { rule: "source-recipients", what, repair: "add a creation rule to .sops.yaml" };
    return path.startsWith("secrets/") ? [hit] : [];
  }
  const isEqual = rule.recipients.size === recipients.size && [...rule.recipients].every((one) => recipients.has(one));
  const what = "its recipients are not those of its rule in .sops.yaml";
  const file = asArgument(path);
  const repair = `sops updatekeys ${file}, then git add ${file}`;
  return isEqual ? [] : [{ rule: "source-recipients", what, repair }];
}

/**
 * Whether somebody could be locked out: every rule needs two independent recipients, one of them a developer's, and each
 * recipient must be enough to open the file.
 *
 * @param {Rules} rules
 * @returns {Hit[]}
 */
export function lockoutHits({ byName, rules }) {
  const developers = new Set([...byName].filter(([name]) => DEVELOPER.test(name)).map(([, recipient]) => recipient));
  return rules.flatMap(({ recipients, line, split }) => {
    const hits = [];
    if (split) {
      hits.push("splits its files over groups, so that no recipient alone opens them");
    }
    if (recipients.size < 2) {
      hits.push("has fewer than two recipients: one lost identity would lose its files");
    }
    if (![...recipients].some((recipient) => developers.has(recipient))) {
      hits.push("has no developer (an anchor &dev_…) among its recipients");
    }
    return hits.map((what) => ({
      rule: "lock-out",
      line,
      what: `this rule ${what}`,
      repair: "name a developer's and at least one other recipient in one group of its key_groups",
    }));
  });
}

/**
 * Whether whoever changes the rules could still open what they give. `mine` are the recipients of the identities on this
 * machine. A rule with a placeholder encrypts nothing yet.
 *
 * @param {Rules | undefined} before
 * @param {Rules} after
 * @param {ReadonlySet<string>} mine
 * @returns {Hit[]}
 */
export function changerHits(before, after, mine) {
  return after.rules
    .filter(({ recipients }) => ![...recipients].some((recipient) => recipient.includes("placeholder")))
    .filter((rule) => !before?.rules.some((former) => isSameRule(former, rule)))
    .filter(({ recipients }) => ![...recipients].some((recipient) => mine.has(recipient)))
    .map(({ line }) => ({
      rule: "lock-out",
      line,
      what:
        mine.size === 0
          ? "this rule was changed, and no age identity was found here that could open its files"
          : "this rule was changed so that you could not open its files any more",
      repair:
        mine.size === 0
          ? "set SOPS_AGE_KEY_FILE to your identity file"
          : "add your own recipient to it, or let somebody change it who stays in it",
    }));
}

/**
 * @param {Rule} one
 * @param {Rule} other
 */
function isSameRule(one, other) {
  return (
    one.pattern === other.pattern &&
    one.recipients.size === other.recipients.size &&
    [...one.recipients].every((recipient) => other.recipients.has(recipient))
  );
}
