// @ts-check
/**
 * Looks through one content for what shows by its form, as it streams by: memory does not grow with the content. What is
 * found is told by rule and line; several of one rule on one line are one hit.
 */
import { findAssignments } from "./rules/assignments.mjs";
import { findMaterial } from "./rules/material.mjs";

/** @typedef {import("./finding.mjs").Hit} Hit */

/** A window is looked at as a whole; what begins near its end is looked at again at the beginning of the next. */
const WINDOW = 64 * 1024;
const OVERLAP = 4 * 1024;
/** More hits of one content help nobody. */
const MOST_HITS = 40;

export class Scanner {
  /** @type {Buffer[]} */
  #parts = [];
  #waiting = 0;
  #line = 1;
  /** The window begins in the midst of a line: its first signs were seen whole in the one before. */
  #isCut = false;
  /** @type {Map<string, Hit>} */
  #hits = new Map();
  /** @type {"unknown" | "text" | "utf16" | "binary"} */
  #kind = "unknown";
  #assignments;

  /** @param {{ assignments?: boolean }} [options] `assignments`: also values that only look random */
  constructor({ assignments = true } = {}) {
    this.#assignments = assignments;
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    this.#parts.push(chunk);
    this.#waiting += chunk.length;
    if (this.#waiting >= WINDOW + OVERLAP) {
      this.#look(false);
    }
  }

  /** @returns {Hit[]} */
  end() {
    this.#look(true);
    return [...this.#hits.values()];
  }

  /** @param {boolean} isLast */
  #look(isLast) {
    let whole = this.#parts.length === 1 ? /** @type {Buffer} */ (this.#parts[0]) : Buffer.concat(this.#parts);
    if (this.#kind === "unknown") {
      this.#kind = kindOf(whole);
    }
    while (whole.length >= WINDOW + OVERLAP || (isLast && whole.length > 0)) {
      const isEnd = isLast && whole.length < WINDOW + OVERLAP;
      const to = isEnd ? whole.length : WINDOW + OVERLAP;
      this.#window(whole.subarray(0, to));
      const next = isEnd ? whole.length : beginning(whole);
      this.#isCut = whole[next - 1] !== 10;
      this.#line += countLines(whole, next);
      whole = whole.subarray(next);
    }
    // A copy, so that a short rest does not keep a long chunk alive.
    this.#parts = isLast || whole.length === 0 ? [] : [Buffer.from(whole)];
    this.#waiting = whole.length;
  }

  /** @param {Buffer} bytes */
  #window(bytes) {
    if (this.#hits.size >= MOST_HITS) {
      return;
    }
    const raw = bytes.toString("latin1");
    const isUtf16 = this.#kind === "utf16";
    const text = isUtf16 ? raw.replaceAll("\0", "") : raw;
    if (this.#assignments && this.#kind !== "binary") {
      const seen = this.#isCut ? OVERLAP / 16 : 0;
      this.#keep(
        findAssignments(text).filter(({ at }) => at >= seen),
        text,
      );
    }
    this.#material(text);
    if (!isUtf16 && raw.includes("\0")) {
      this.#material(raw.replaceAll("\0", ""));
    }
  }

  /** @param {string} text */
  #material(text) {
    this.#keep(findMaterial(text), text);
    if (/%[0-9A-Fa-f]{2}/.test(text)) {
      const plain = text.replace(/%([0-9A-Fa-f]{2})/g, (_, code) => sign(Number.parseInt(code, 16)));
      this.#keep(findMaterial(plain), plain);
    }
    if (text.includes("\\")) {
      const plain = text
        .replace(/(?<!\\)\\+(?:u00([0-7][0-9a-fA-F])|x([0-7][0-9a-fA-F]))/g, (_, u, x) =>
          sign(Number.parseInt(u ?? x, 16)),
        )
        .replace(/(?<!\\)\\+[nrt]/g, "\r")
        .replace(/(?<!\\)\\+(?=["'`/$@:+=-])/g, "");
      this.#keep(findMaterial(plain), plain);
    }
    this.#encoded(text, /[A-Za-z0-9+/_-]{24,}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]{4,}){0,400}/g, "base64");
    this.#encoded(text, /(?:[0-9A-Fa-f]{2}){20,}/g, "hex");
  }

  /**
   * Stretches that could be base64 or hex, decoded. A stretch may begin with signs that do not belong to it, so base64
   * is read from each of four places.
   *
   * @param {string} text
   * @param {RegExp} pattern
   * @param {"base64" | "hex"} encoding
   */
  #encoded(text, pattern, encoding) {
    for (const { 0: stretch, index } of text.matchAll(pattern)) {
      const digits = stretch.replace(/\s+/g, "");
      for (const from of encoding === "base64" ? [0, 1, 2, 3] : [0]) {
        const plain = Buffer.from(digits.slice(from), encoding).toString("latin1");
        for (const { rule, what } of findMaterial(plain.includes("\0") ? plain.replaceAll("\0", "") : plain)) {
          this.#keep([{ at: index, rule, what: `${what}, in ${encoding}` }], text);
        }
      }
    }
  }

  /**
   * @param {readonly { at: number, rule: string, what: string }[]} found
   * @param {string} text
   */
  #keep(found, text) {
    for (const { at, rule, what } of found) {
      const line = this.#line + countSigns(text, at);
      const identity = `${rule}:${line}`;
      if (!this.#hits.has(identity) && this.#hits.size < MOST_HITS) {
        this.#hits.set(identity, { rule, line, what, repair: "" });
      }
    }
  }
}

/**
 * Where the next window begins: at the last line that begins before its end, when there is one near.
 *
 * @param {Buffer} whole
 */
function beginning(whole) {
  const line = whole.lastIndexOf(10, WINDOW - 1) + 1;
  return line > WINDOW - OVERLAP ? line : WINDOW;
}

/**
 * By the first bytes: text, UTF-16 (as PowerShell's `>` writes it), or neither.
 *
 * @param {Buffer} bytes
 */
function kindOf(bytes) {
  const head = bytes.subarray(0, 4096);
  if (!head.includes(0)) {
    return "text";
  }
  const zeros = [0, 0];
  for (let at = 0; at < head.length; at += 1) {
    if (head[at] === 0) {
      zeros[at % 2] = /** @type {number} */ (zeros[at % 2]) + 1;
    }
  }
  const [even = 0, odd = 0] = zeros;
  const isMarked = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  const isAlternating = Math.max(even, odd) * 4 > head.length && Math.min(even, odd) * 20 < Math.max(even, odd);
  return isMarked || isAlternating ? "utf16" : "binary";
}

/**
 * @param {Buffer} bytes
 * @param {number} end
 */
function countLines(bytes, end) {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1 && at < end; at = bytes.indexOf(10, at + 1)) {
    lines += 1;
  }
  return lines;
}

/**
 * @param {string} text
 * @param {number} end
 */
function countSigns(text, end) {
  let lines = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < end; at = text.indexOf("\n", at + 1)) {
    lines += 1;
  }
  return lines;
}

/** @param {number} code */
function sign(code) {
  // It ends a line of what was escaped, and none of the file.
  return code === 10 ? "\r" : String.fromCharCode(code);
}
