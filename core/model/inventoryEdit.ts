import { isMap, isScalar, type Pair, parseDocument, stringify, type YAMLMap } from "yaml";

import { type InventoryEntry, parseInventory } from "./inventory.js";

/** What an operator says of a new secret; fields of inventory.yaml. */
export type NewEntry = Partial<
  Pick<InventoryEntry, "issuer" | "owner" | "rotation_days" | "form" | "effect" | "procedure" | "to" | "as" | "note">
>;

/**
 * The inventory's text with an entry more, in its own indentation and line ends; every other byte stays. A key that is
 * there already keeps its entry. Throws a FaultsError when the text, or what it becomes, is no inventory.
 */
export function withEntry(text: string, key: string, entry: NewEntry): string {
  if (parseInventory(text).has(key)) {
    return text;
  }
  const eol = /\r\n/.test(text) ? "\r\n" : "\n";
  const { secrets, indent } = secretsOf(text);
  const lines = stringify({ [key]: entry }, { lineWidth: 0, indent: 2 })
    .trimEnd()
    .split("\n")
    .map((line) => `${" ".repeat(indent)}${line}`);
  const block = lines.join(eol) + eol;
  // An empty map is written `{}`: it gives way to a block.
  const empty = secrets.flow === true && secrets.items.length === 0 ? secrets.range : undefined;
  if (empty !== undefined && empty !== null) {
    const before = text.slice(0, empty[0]).trimEnd();
    return checked(`${before}${eol}${block}${text.slice(empty[1]).replace(/^[ \t]*\r?\n?/, "")}`);
  }
  return checked(`${text}${text.endsWith("\n") ? "" : eol}${block}`);
}

/** The text without a key's entry: its lines, up to the next entry's. A key that is not there changes nothing. */
export function withoutEntry(text: string, key: string): string {
  const { secrets } = secretsOf(text);
  const at = secrets.items.findIndex((pair) => nameOf(pair) === key);
  const pair = secrets.items[at];
  if (pair === undefined) {
    return text;
  }
  const start = lineStart(text, rangeOf(pair.key)[0]);
  const end = lineEnd(text, rangeOf(pair.value ?? pair.key)[1]);
  const rest = text.slice(0, start) + text.slice(end);
  return checked(secrets.items.length === 1 ? rest.replace(/^secrets:[ \t]*(?=\r?$)/m, "secrets: {}") : rest);
}

function checked(text: string): string {
  parseInventory(text);
  return text;
}

function secretsOf(text: string): { readonly secrets: YAMLMap; readonly indent: number } {
  parseInventory(text);
  const secrets = parseDocument(text).get("secrets");
  const first = isMap(secrets) ? secrets.items[0] : undefined;
  const start = first === undefined ? 0 : rangeOf(first.key)[0];
  const indent = first === undefined ? 2 : start - lineStart(text, start);
  return { secrets: secrets as YAMLMap, indent: indent === 0 ? 2 : indent };
}

function nameOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : "";
}

/** Start and end of a node in the text. */
function rangeOf(node: unknown): readonly [number, number] {
  const range = (node as { range?: readonly number[] | null }).range;
  return [range?.[0] ?? 0, range?.[1] ?? 0];
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** A block's range ends at the beginning of a line, a scalar's within one. */
function lineEnd(text: string, at: number): number {
  if (text[at - 1] === "\n") {
    return at;
  }
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}
