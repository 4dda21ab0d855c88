import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument, visit, type YAMLSeq } from "yaml";

import { type Fault, FaultsError } from "../fault.js";
import { developersOf } from "../model/lockOut.js";
import { parseRecipients, type Recipients } from "../model/recipients.js";
import { withAnchored } from "../model/yamlText.js";

const FILE = ".sops.yaml";

/**
 * The text of .sops.yaml with a further recipient: an anchor below `keys:`, and an alias in the rules at these places of
 * `creation_rules`. All other bytes stay. Throws a FaultsError when the rules have a form that is not known here.
 */
export function withRecipient(text: string, name: string, recipient: string, chosen: ReadonlySet<number>): string {
  const former = parseRecipients(text);
  const document = parseDocument(text);
  const keys = document.get("keys", true);
  const lists = new Set([...chosen].map((index) => listOf(document.getIn(["creation_rules", index], true), document)));
  const edits = [
    ...(isSeq(keys) ? [insert(text, keys, document, former, `&${name} ${recipient}`)] : []),
    ...[...lists].flatMap((list) => (list === undefined ? [] : [insert(text, list, document, former, `*${name}`)])),
  ];
  const repair = `add "- &${name} ${recipient}" below keys, and *${name} to its rules, by hand`;
  return checked(apply(text, edits), repair, {
    byName: new Map([...former.byName, [name, recipient]]),
    rules: former.rules.map(({ recipients }, index) =>
      chosen.has(index) ? new Set([...recipients, recipient]) : recipients,
    ),
  });
}

/** The text of .sops.yaml without a recipient, in no rule and under no name. As {@link withRecipient} otherwise. */
export function withoutRecipient(text: string, name: string): string {
  const former = parseRecipients(text);
  const recipient = former.byName.get(name) ?? "";
  let left = text;
  // The last one first: an alias may not outlive its anchor.
  for (let edit = lastMention(left, name, recipient); edit !== undefined; edit = lastMention(left, name, recipient)) {
    left = apply(left, [edit]);
  }
  return checked(left, `take ${name} out of every rule and out of keys by hand`, {
    byName: new Map([...former.byName].filter(([other]) => other !== name)),
    rules: former.rules.map(({ recipients }) => new Set([...recipients].filter((one) => one !== recipient))),
  });
}

/** The text of .sops.yaml with another recipient behind a name that is there. As {@link withRecipient} otherwise. */
export function withOtherRecipient(text: string, name: string, recipient: string): string {
  const former = parseRecipients(text);
  const given = former.byName.get(name) ?? "";
  const change = (one: string) => (one === given ? recipient : one);
  return checked(withAnchored(text, name, recipient) ?? text, `put ${recipient} behind &${name} by hand`, {
    byName: new Map([...former.byName, [name, recipient]]),
    rules: former.rules.map(({ recipients }) => new Set([...recipients].map(change))),
  });
}

/** Holds the text against what it must say; what an edit did to rules of an unknown form is never written. */
function checked(
  text: string,
  repair: string,
  wanted: Pick<Recipients, "byName"> & { rules: ReadonlySet<string>[] },
): string {
  const fault: Fault = { where: FILE, what: "has rules of a form that p24 cannot edit", repair };
  let said: Recipients;
  try {
    said = parseRecipients(text);
  } catch {
    throw new FaultsError([fault]);
  }
  const isSame =
    equal(new Set(entries(said.byName)), new Set(entries(wanted.byName))) &&
    said.rules.length === wanted.rules.length &&
    said.rules.every(({ recipients }, index) => equal(recipients, wanted.rules[index] ?? new Set()));
  if (!isSame) {
    throw new FaultsError([fault]);
  }
  return text;
}

function entries(map: ReadonlyMap<string, string>): string[] {
  return [...map].map(([name, recipient]) => `${name} ${recipient}`);
}

function equal(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((entry) => other.has(entry));
}

/** The list of age recipients of a rule: in its only group, or directly below it. */
function listOf(rule: unknown, document: Document): YAMLSeq | undefined {
  const below = (node: unknown, at: string | number): unknown => {
    const there = isMap(node) || isSeq(node) ? node.get(at, true) : undefined;
    return isAlias(there) ? there.resolve(document) : there;
  };
  const list = below(below(below(rule, "key_groups"), 0), "age") ?? below(rule, "age");
  return isSeq(list) ? list : undefined;
}

/** A piece of the text that gives way to another. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function apply(text: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((left, { start, end, text: piece }) => left.slice(0, start) + piece + left.slice(end), text);
}

/** Behind the last developer of a list; without one, behind its last item. */
function insert(text: string, list: YAMLSeq, document: Document, { byName }: Recipients, entry: string): Edit {
  const developers = developersOf(byName);
  const nodes = list.items.filter((item): item is Node => isScalar(item) || isAlias(item));
  const isDeveloper = (node: Node) => {
    const target = isAlias(node) ? node.resolve(document) : node;
    return isScalar(target) && developers.has(String(target.value).trim());
  };
  const after = nodes.findLast(isDeveloper) ?? nodes.at(-1);
  if (after === undefined) {
    return { start: 0, end: 0, text: "" }; // an empty list: the check refuses it
  }
  const end = endOf(after);
  if (list.flow === true) {
    return { start: end, end, text: `, ${entry}` };
  }
  const [, indent = "", gap = " "] =
    /^(.*)-([ \t]+)$/.exec(text.slice(lineStart(text, startOf(text, after)), startOf(text, after))) ?? [];
  const at = nextLine(text, end);
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const line = `${" ".repeat(indent.length)}-${gap}${entry}`;
  return { start: at, end: at, text: text[at - 1] === "\n" ? `${line}${eol}` : `${eol}${line}` };
}

/** The removal of the last item of a list that is the recipient: an alias, the anchor, or the bare text. */
function lastMention(text: string, name: string, recipient: string): Edit | undefined {
  let found: Edit | undefined;
  const take = (node: Node, list: unknown) => {
    if (isSeq(list)) {
      found = removal(text, list, list.items.indexOf(node));
    }
  };
  visit(parseDocument(text), {
    Alias: (_, node, path) => {
      if (node.source === name) {
        take(node, path.at(-1));
      }
    },
    Scalar: (_, node, path) => {
      if (node.anchor === name || (typeof node.value === "string" && node.value.trim() === recipient)) {
        take(node, path.at(-1));
      }
    },
  });
  return found;
}

function removal(text: string, list: YAMLSeq, index: number): Edit | undefined {
  const [before, node, behind] = [list.items[index - 1], list.items[index], list.items[index + 1]] as (
    Node | undefined
  )[];
  if (node === undefined) {
    return undefined;
  }
  const [start, end] = [startOf(text, node), endOf(node)];
  const line = { start: lineStart(text, start), end: nextLine(text, end), text: "" };
  // In a list in brackets it may have a line of its own, too; a comma that is left at the list's end is YAML.
  const isAlone = /^[ \t]*$/.test(text.slice(line.start, start)) && OWN_END.test(text.slice(end, line.end));
  if (list.flow !== true || isAlone) {
    return line;
  }
  if (before !== undefined) {
    return { start: endOf(before), end, text: "" };
  }
  return { start, end: behind === undefined ? end : startOf(text, behind), text: "" };
}

/** What stands behind an item that has its line for itself. */
const OWN_END = /^[ \t]*,?[ \t]*(?:[ \t]#[^\n]*)?\r?\n$/;

/** Where a node begins, its anchor included. */
function startOf(text: string, node: Node): number {
  const start = node.range?.[0] ?? 0;
  const anchor = isScalar(node) && node.anchor !== undefined ? text.lastIndexOf(`&${node.anchor}`, start) : -1;
  return anchor === -1 ? start : anchor;
}

function endOf(node: Node): number {
  return node.range?.[1] ?? 0;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

function nextLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}
