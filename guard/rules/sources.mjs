// @ts-check
/**
 * Rules for `secrets/`: what lies there is fully encrypted by sops, or a template whose every value is the placeholder.
 * Judged without any identity, from the text. core/sources/structure.ts says the same with a whole YAML parser;
 * tests/unit/guard/sources.test.ts holds the two against each other: what passes here passes there.
 */
import { NOT_OF_AGE, OF_AGE, OTHER_SERVICES } from "../../core/sources/metadata.mjs";
import { asArgument } from "../finding.mjs";
import { NotUnderstood, parseYaml } from "../read/yaml.mjs";

/** @typedef {import("../finding.mjs").Hit} Hit */
/** @typedef {import("../read/yaml.mjs").Node} Node */

/**
 * @typedef {object} SourceText
 * @property {"encrypted" | "template" | "refused"} state
 * @property {string[]} keys
 * @property {Set<string>} recipients age recipients of an encrypted one
 * @property {Hit[]} hits why it is refused
 */

/** sops's form of one value: getsops/sops, `aes/cipher.go`. */
const ENCRYPTED =
  /^ENC\[AES256_GCM,data:[A-Za-z0-9+/]+={0,2},iv:[A-Za-z0-9+/]+={0,2},tag:[A-Za-z0-9+/]+={0,2},type:([a-z]+)\]$/;
const CONFLICT = /^(?:<{7}|>{7}) /m;

/** What a template holds where a value belongs; core/model/names.ts has the same. */
export const TEMPLATE_VALUE = "PLACEHOLDER";

/** Names that no source may hold; core/model/names.ts has the same and says why. */
export const ROOTS_OF_TRUST = new Set([
  "VPS_SSH_PRIVATE_KEY",
  "VPS_ROOT_SSH_KEY",
  "AGE_KEY_GHA",
  "P24_BOT_APP_ID",
  "P24_BOT_PRIVATE_KEY",
]);

/**
 * Judges the text of a source.
 *
 * @param {string} text
 * @param {string} path
 * @returns {SourceText}
 */
export function readSource(text, path) {
  const file = asArgument(path);
  const edit = `sops edit ${file}`;
  /** @type {(...hits: Hit[]) => SourceText} */
  const refused = (...hits) => ({ state: "refused", keys: [], recipients: new Set(), hits });
  if (CONFLICT.test(text)) {
    return refused({
      rule: "source-conflict",
      what: "has the conflict markers of a merge",
      repair: `git checkout --ours ${file}, then enter the other side's values with ${edit}`,
    });
  }
  let root;
  try {
    root = parseYaml(text);
  } catch (error) {
    if (error instanceof NotUnderstood) {
      const { line, message: what } = error;
      return refused({ rule: "source-form", line, what, repair: encryptRepair(file) });
    }
    throw error;
  }
  if (root.kind !== "map" || root.pairs.length === 0) {
    return refused({ rule: "source-form", what: "holds no keys", repair: `git restore --staged --worktree ${file}` });
  }
  const metadata = root.pairs.find(({ key }) => key === "sops")?.value;
  const pairs = root.pairs.filter(({ key }) => key !== "sops");
  const roots = pairs.filter(({ key }) => ROOTS_OF_TRUST.has(key.toUpperCase()));
  if (roots.length > 0) {
    return refused(...roots.map(({ key, line }) => rootHit(key, line, edit)));
  }
  if (metadata?.kind !== "map") {
    return isTemplate(text, pairs)
      ? { state: "template", keys: pairs.map(({ key }) => key), recipients: new Set(), hits: [] }
      : refused(...plainHits(text, pairs, file));
  }
  const hits = pairs.flatMap(({ key, value, line }) => valueHits(key, value, line, edit));
  const mac = child(metadata, "mac");
  if (mac?.kind !== "scalar" || !ENCRYPTED.test(mac.value)) {
    hits.push({ rule: "source-metadata", what: "has no MAC, so nobody could tell a changed value", repair: edit });
  }
  hits.push(...serviceHits(metadata, file));
  const recipients = ageRecipients(metadata);
  return hits.length > 0
    ? refused(...hits)
    : { state: "encrypted", keys: pairs.map(({ key }) => key), recipients, hits };
}

/** @param {string} file */
function encryptRepair(file) {
  return `sops encrypt --in-place ${file}, then git add ${file}`;
}

/**
 * @param {string} text
 * @param {readonly { key: string, value: Node }[]} pairs
 */
function isTemplate(text, pairs) {
  return (
    /^# TEMPLATE\b/m.test(text) &&
    pairs.length > 0 &&
    pairs.every(({ value }) => value.kind === "scalar" && value.value === TEMPLATE_VALUE)
  );
}

/**
 * @param {string} text
 * @param {readonly { key: string, value: Node, line: number }[]} pairs
 * @param {string} file
 * @returns {Hit[]}
 */
function plainHits(text, pairs, file) {
  if (!/^# TEMPLATE\b/m.test(text)) {
    return [{ rule: "source-not-encrypted", line: 1, what: "is not encrypted", repair: encryptRepair(file) }];
  }
  return pairs
    .filter(({ value }) => value.kind !== "scalar" || value.value !== TEMPLATE_VALUE)
    .map(({ key, line }) => ({
      rule: "source-not-encrypted",
      line,
      name: key,
      what: `stands in a template in clear; a template holds ${TEMPLATE_VALUE} only`,
      repair: encryptRepair(file),
    }));
}

/**
 * @param {string} key
 * @param {number} line
 * @param {string} edit
 * @returns {Hit}
 */
function rootHit(key, line, edit) {
  return {
    rule: "root-of-trust",
    line,
    name: key,
    what: "is a root of trust: sops is opened with it, so it lives as a secret of the repository at GitHub only",
    repair: `${edit} and remove it`,
  };
}

/**
 * @param {string} key
 * @param {Node} node
 * @param {number} line
 * @param {string} repair
 * @returns {Hit[]}
 */
function valueHits(key, node, line, repair) {
  const what = valueProblem(node);
  const rule = what === "is not encrypted" ? "source-not-encrypted" : "source-form";
  return what === undefined ? [] : [{ rule, line, name: key, what, repair }];
}

/** @param {Node} node */
function valueProblem(node) {
  if (node.kind !== "scalar") {
    return "is nested: sources are flat, one quoted string a key";
  }
  if (node.plain && /^(?:|~|null|Null|NULL)$/.test(node.value)) {
    return "is null: give it a value or remove the key";
  }
  if (node.value === "") {
    return "is empty: give it a value or remove the key";
  }
  const type = ENCRYPTED.exec(node.value)?.[1];
  if (type === undefined) {
    return "is not encrypted";
  }
  return type === "str" ? undefined : `is of type ${type}, not a string: put it in quotes`;
}

/**
 * @param {Node & { kind: "map" }} map
 * @param {string} name
 */
function child(map, name) {
  return map.pairs.find(({ key }) => key === name)?.value;
}

/** @param {Node | undefined} node */
function scalar(node) {
  return node?.kind === "scalar" ? node.value : "";
}

/**
 * @param {Node & { kind: "map" }} metadata
 * @param {string} file
 * @returns {Hit[]}
 */
function serviceHits(metadata, file) {
  const isEmpty = (/** @type {Node} */ node) =>
    (node.kind === "list" && node.items.length === 0) || (node.kind === "scalar" && /^(?:~|null)?$/.test(node.value));
  return metadata.pairs
    .filter(({ key, value }) => !OF_AGE.has(key) && !(OTHER_SERVICES.has(key) && isEmpty(value)))
    .map(({ key, line }) => ({
      rule: "source-metadata",
      line,
      ...(OTHER_SERVICES.has(key) && { name: `sops.${key}` }),
      what: NOT_OF_AGE,
      repair: `git restore --staged --worktree ${file}, then sops updatekeys ${file}`,
    }));
}

/** @param {Node & { kind: "map" }} metadata */
function ageRecipients(metadata) {
  const list = child(metadata, "age");
  const recipients = new Set();
  for (const item of list?.kind === "list" ? list.items : []) {
    const recipient = item.kind === "map" ? scalar(child(item, "recipient")) : "";
    if (recipient !== "") {
      recipients.add(recipient);
    }
  }
  return recipients;
}
