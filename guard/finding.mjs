// @ts-check
/**
 * What a rule has found: where, which rule, and how to repair it. It never holds a value, and neither does what it prints.
 */
import { findMaterial } from "./rules/material.mjs";

/**
 * @typedef {object} Place
 * @property {string} path from the repository's root
 * @property {string} blob object id of the content, for the list of what is allowed
 * @property {string} [commit] the commit that brought it, where a range is judged
 */

/**
 * @typedef {object} Hit what a rule says of one content
 * @property {string} rule
 * @property {string} what
 * @property {string} repair a command, or what to do
 * @property {number} [line] counted from 1
 * @property {string} [name] of a secret or variable
 */

/** @typedef {Place & Hit} Finding */

/**
 * One line, in the form of the program's other faults: where, what, repair.
 *
 * @param {Finding} finding
 */
export function renderFinding({ path, line, rule, name, what, repair, commit }) {
  const where = line === undefined ? shownPath(path) : `${shownPath(path)}:${String(line)}`;
  const at = commit === undefined ? "" : ` (commit ${commit.slice(0, 12)})`;
  const subject = name === undefined || !isShowable(name) ? "" : `${name} `;
  return `${where}${at}: ${rule}: ${subject}${what}. Repair: ${repair}`;
}

/**
 * Whether a name says nothing that must not be shown: people put a value where a name belongs.
 *
 * @param {string} name
 */
function isShowable(name) {
  return /^[\w.-]{1,64}$/.test(name) && findMaterial(name).length === 0;
}

/**
 * A path as it can be shown: without a value in it, and without signs that a terminal would obey.
 *
 * @param {string} path
 */
export function shownPath(path) {
  if (findMaterial(path).length > 0) {
    return `${path.slice(0, 12).replace(/[^\w./-]/g, "?")}… (a name that holds a value)`;
  }
  const isPlain = !/[\0-\x1f\x7f-\x9f"\\\u200b-\u200f\u2028-\u202e\u2066-\u2069]/.test(path);
  return isPlain ? path : JSON.stringify(path).replace(/[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, escape16);
}

/** @param {string} sign */
function escape16(sign) {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * A path as an argument of a command that is shown: in quotes where a shell would read it otherwise.
 *
 * @param {string} path
 */
export function asArgument(path) {
  return /^[\w./@+-]+$/.test(path) && !path.startsWith("-") ? path : `"${shownPath(path).replace(/^"|"$/g, "")}"`;
}
