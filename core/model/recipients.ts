import { isAlias, isMap, isSeq, parseDocument, visit } from "yaml";
import type { Document, visitor, YAMLMap } from "yaml";

import { FaultsError } from "../fault.js";

const FILE = ".sops.yaml";

/** What .sops.yaml says: the recipients by name, and for each source file who can open it. */
export interface Recipients {
  /** Name (`dev_radieu`, `vps_i1`) to age recipient (`age1…`). */
  readonly byName: ReadonlyMap<string, string>;
  /** The recipients that the first matching creation rule gives to the file, `undefined` without a rule. */
  ruleFor(path: string): ReadonlySet<string> | undefined;
  /** In the file's order. */
  readonly rules: readonly Rule[];
}

/** A creation rule. */
export interface Rule {
  /** Its place in the file: `creation_rules[0]`. */
  readonly name: string;
  readonly pattern: RegExp;
  readonly recipients: ReadonlySet<string>;
  /** Its files are split over several groups, so that one recipient alone opens nothing (sops's Shamir sharing). */
  readonly split: boolean;
}

/**
 * Reads .sops.yaml. Recipients are anchors below `keys:`, rules name them as aliases in `key_groups`:
 *
 *     keys:
 *       - &vps_i1 age1…
 *     creation_rules:
 *       - path_regex: ^secrets[/\\]vps-i1\.sops\.yaml$
 *         key_groups: [{ age: [*vps_i1] }]
 *
 * The format is sops's own (getsops/sops, README, "Using .sops.yaml conf"). The names of `unfilled` may still have the
 * template's placeholder. Throws a FaultsError.
 */
export function parseRecipients(text: string, unfilled: ReadonlySet<string> | "all" = new Set()): Recipients {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    const line = String(document.errors[0]?.linePos?.[0].line ?? 1);
    throw new FaultsError([{ where: `${FILE}:${line}`, what: "is not valid YAML", repair: "edit the file" }]);
  }
  const byName = anchors(document);
  const mayWait = (name: string) => unfilled === "all" || unfilled.has(name);
  const pending = [...byName].filter(([name, recipient]) => recipient.includes("placeholder") && !mayWait(name));
  if (pending.length > 0) {
    throw new FaultsError(pending.map(([name]) => pendingFault(name)));
  }
  const rules = creationRules(document);
  return {
    byName,
    rules,
    ruleFor: (path) => rules.find((rule) => rule.pattern.test(path))?.recipients,
  };
}

/** The recipients by name in any version of .sops.yaml, also one that the program would refuse. */
export function namesIn(text: string): Map<string, string> {
  return anchors(parseDocument(text, { logLevel: "silent" }));
}

function pendingFault(name: string) {
  return {
    where: FILE,
    name,
    what: "still is the template's placeholder",
    repair: `age-keygen -o FILE on the machine that owns the identity, then put its public part (age1…) behind &${name}`,
  };
}

function anchors(document: Document): Map<string, string> {
  const found = new Map<string, string>();
  visit(document, {
    Scalar: (_, node) => {
      if (node.anchor !== undefined && typeof node.value === "string") {
        found.set(node.anchor, node.value.trim());
      }
    },
  });
  return found;
}

function creationRules(document: Document): Rule[] {
  const rules = document.get("creation_rules");
  if (!isSeq(rules)) {
    throw new FaultsError([
      { where: FILE, name: "creation_rules", what: "is missing", repair: "take the file of the repository's template" },
    ]);
  }
  return rules.items.map((rule, index) => {
    const pattern = isMap(rule) ? (rule.get("path_regex") ?? "") : undefined;
    if (!isMap(rule) || typeof pattern !== "string") {
      throw new FaultsError([ruleFault(index, "has no path_regex")]);
    }
    return {
      name: ruleName(index),
      pattern: compile(pattern, index),
      recipients: recipientsIn(rule, document),
      split: isSplit(rule, document),
    };
  });
}

/** sops, config/config.go: with several groups each gets a part of the data key. */
function isSplit(rule: YAMLMap, document: Document): boolean {
  const groups = rule.get("key_groups", true);
  const list = isAlias(groups) ? groups.resolve(document) : groups;
  return (isSeq(list) && list.items.length > 1) || rule.has("shamir_threshold");
}

/** sops compiles with Go, this with JavaScript; what only Go knows (`(?i)`) is refused rather than read otherwise. */
function compile(pattern: string, index: number): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    throw new FaultsError([ruleFault(index, "has a path_regex that is not a regular expression")]);
  }
}

function ruleFault(index: number, what: string) {
  return { where: FILE, name: ruleName(index), what, repair: "edit the file" };
}

function ruleName(index: number): string {
  return `creation_rules[${String(index)}]`;
}

/** All age recipients below a rule: strings (comma-separated as sops takes them), list items and aliases; no map's names. */
function recipientsIn(rule: Parameters<typeof visit>[0], document: Document): Set<string> {
  const found = new Set<string>();
  const take = (text: string) => {
    for (const part of text.split(",")) {
      if (part.trim().startsWith("age1")) {
        found.add(part.trim());
      }
    }
  };
  const gather: visitor = {
    Scalar: (at, node) => {
      if (at !== "key" && typeof node.value === "string") {
        take(node.value);
      }
    },
    Alias: (at, node) => {
      const target = at === "key" ? undefined : node.resolve(document);
      if (target !== undefined) {
        visit(target, gather);
      }
    },
  };
  visit(rule, gather);
  return found;
}
