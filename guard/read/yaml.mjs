// @ts-check
/**
 * Reads the part of YAML that sops writes and that .sops.yaml is written in. The hook has no time to load a whole parser,
 * so this one knows little and refuses everything else: block maps and lists, one-line scalars, `|` and `>` blocks, flow
 * lists and maps on one line, anchors and aliases. What it accepts it reads as the `yaml` package does, with every scalar
 * a string; tests/unit/guard/yaml.test.ts holds the two against each other.
 */

/**
 * @typedef {{ kind: "scalar", value: string, plain: boolean, anchor?: string, line: number }} Scalar
 * @typedef {{ kind: "alias", name: string, line: number }} Alias
 * @typedef {{ kind: "list", items: Node[], anchor?: string, line: number }} List
 * @typedef {{ key: string, value: Node, line: number }} Pair
 * @typedef {{ kind: "map", pairs: Pair[], anchor?: string, line: number }} Map
 * @typedef {Scalar | Alias | List | Map} Node
 */

/** The text is no YAML, or more of it than is known here. The message names no content. */
export class NotUnderstood extends Error {
  /**
   * @param {number} line counted from 1
   * @param {string} what
   */
  constructor(line, what) {
    super(what);
    this.name = "NotUnderstood";
    this.line = line;
  }
}

/**
 * The whole document; an empty one is an empty map. Throws {@link NotUnderstood}.
 *
 * @param {string} text
 * @returns {Node}
 */
export function parseYaml(text) {
  const reader = new Reader(text);
  const node = reader.peek() === undefined ? emptyMap() : reader.block(0);
  const rest = reader.peek();
  if (rest !== undefined) {
    throw new NotUnderstood(rest.number, "is indented in a way that is not understood");
  }
  checkAnchors(node, new Set());
  return node;
}

/**
 * An anchor stands before its aliases, and once.
 *
 * @param {Node} node
 * @param {Set<string>} known
 */
function checkAnchors(node, known) {
  if (node.kind === "alias" && !known.has(node.name)) {
    throw new NotUnderstood(node.line, "names an anchor that does not stand before it");
  }
  const inner = node.kind === "list" ? node.items : node.kind === "map" ? node.pairs.map(({ value }) => value) : [];
  inner.forEach((one) => checkAnchors(one, known));
  if (node.kind !== "alias" && node.anchor !== undefined) {
    if (known.has(node.anchor)) {
      throw new NotUnderstood(node.line, "has an anchor twice");
    }
    known.add(node.anchor);
  }
}

/** @returns {Map} */
function emptyMap() {
  return { kind: "map", pairs: [], line: 1 };
}

/** @typedef {{ indent: number, text: string, number: number }} Line */

const KEY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[A-Za-z0-9_./][A-Za-z0-9_./-]*)\s*:(?:[ ]+(.*))?$/;
const BLOCK = /^([|>])([+-]?)(?:[ ]+#.*)?$/;
const NAME = /^[&*]([A-Za-z0-9_-]+)(?:[ ]+(.*))?$/;

class Reader {
  /** @param {string} text */
  constructor(text) {
    this.lines = text.replace(/^\uFEFF/, "").split("\n");
    this.at = 0;
    /** @type {Line[]} what a list item holds behind its dash, put back to be read as a line of its own */
    this.pushed = [];
    this.nested = 0;
  }

  /**
   * The next line that is neither blank nor a comment.
   *
   * @returns {Line | undefined}
   */
  peek() {
    const pushed = this.pushed.at(-1);
    if (pushed !== undefined) {
      return pushed;
    }
    for (; this.at < this.lines.length; this.at += 1) {
      const raw = /** @type {string} */ (this.lines[this.at]).replace(/\r$/, "");
      if (/^[ ]*(?:#.*)?$/.test(raw)) {
        continue;
      }
      const indent = /** @type {RegExpExecArray} */ (/^ */.exec(raw))[0].length;
      const number = this.at + 1;
      // Elsewhere than in a block of text, which is read raw, nothing of this is ever written by sops.
      if (/[\t\r\0\x01-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]/.test(raw)) {
        throw new NotUnderstood(number, "holds a tab or a control character");
      }
      if (indent === 0 && /^(?:---|\.\.\.|%)/.test(raw)) {
        throw new NotUnderstood(number, "begins or ends a document, or is a directive");
      }
      return { indent, text: raw.slice(indent).replace(/ +$/, ""), number };
    }
    return undefined;
  }

  next() {
    if (this.pushed.pop() === undefined) {
      this.at += 1;
    }
  }

  /**
   * The map or list that begins at the next line.
   *
   * @param {number} least its indentation
   * @returns {Node}
   */
  block(least) {
    const first = /** @type {Line} */ (this.peek());
    this.nested += 1;
    if (this.nested > 20 || first.indent < least) {
      throw new NotUnderstood(first.number, "is nested in a way that is not understood");
    }
    const node = isItem(first) ? this.list(first.indent) : this.map(first.indent);
    this.nested -= 1;
    return node;
  }

  /**
   * @param {number} indent
   * @returns {List}
   */
  list(indent) {
    /** @type {Node[]} */
    const items = [];
    const line = /** @type {Line} */ (this.peek()).number;
    for (let item = this.peek(); item?.indent === indent && isItem(item); item = this.peek()) {
      this.next();
      const behind = item.text.slice(1);
      const inner = behind.trimStart();
      if (inner === "") {
        throw new NotUnderstood(item.number, "is a list item without content on its line");
      }
      if (isItem({ ...item, text: inner })) {
        throw new NotUnderstood(item.number, "is a list in a list");
      }
      if (KEY.test(inner)) {
        const column = indent + 1 + (behind.length - inner.length);
        this.pushed.push({ indent: column, text: inner, number: item.number });
        items.push(this.map(column));
      } else {
        items.push(this.value(inner, item, indent));
      }
    }
    return { kind: "list", items, line };
  }

  /**
   * @param {number} indent
   * @returns {Map}
   */
  map(indent) {
    /** @type {Pair[]} */
    const pairs = [];
    const keys = new Set();
    const line = /** @type {Line} */ (this.peek()).number;
    for (let pair = this.peek(); pair?.indent === indent && !isItem(pair); pair = this.peek()) {
      const [, written, rest = ""] = KEY.exec(pair.text) ?? [];
      if (written === undefined) {
        throw new NotUnderstood(pair.number, "is not understood");
      }
      const key = /^["']/.test(written) ? unquote(written, pair.number) : written;
      if (keys.has(key)) {
        throw new NotUnderstood(pair.number, "has a key twice");
      }
      keys.add(key);
      this.next();
      pairs.push({ key, value: this.valueOf(rest, pair, indent), line: pair.number });
    }
    return { kind: "map", pairs, line };
  }

  /**
   * What stands behind `key:`, on its line or below it.
   *
   * @param {string} rest
   * @param {Line} pair
   * @param {number} indent of the key
   * @returns {Node}
   */
  valueOf(rest, pair, indent) {
    if (rest !== "" && !rest.startsWith("#")) {
      return this.value(rest, pair, indent);
    }
    const below = this.peek();
    const isBelow = below !== undefined && (below.indent > indent || (below.indent === indent && isItem(below)));
    return isBelow ? this.block(indent) : { kind: "scalar", value: "", plain: true, line: pair.number };
  }

  /**
   * @param {string} text
   * @param {Line} line
   * @param {number} indent of the key or the dash
   * @returns {Node}
   */
  value(text, line, indent) {
    const header = BLOCK.exec(text);
    if (header !== null) {
      return this.text(header[1] === ">", header[2] ?? "", line, indent);
    }
    const node = oneLine(text, line.number);
    const below = this.peek();
    if (below !== undefined && below.indent > indent) {
      throw new NotUnderstood(below.number, "goes on over several lines");
    }
    return node;
  }

  /**
   * A block of text: its lines are those that are indented more than the key.
   *
   * @param {boolean} folded
   * @param {string} chomp
   * @param {Line} line
   * @param {number} indent
   * @returns {Scalar}
   */
  text(folded, chomp, line, indent) {
    if (this.pushed.length > 0 || chomp === "+") {
      throw new NotUnderstood(line.number, "is a block of text that is not understood");
    }
    /** @type {string[]} */
    const taken = [];
    let own;
    for (; this.at < this.lines.length; this.at += 1) {
      const raw = /** @type {string} */ (this.lines[this.at]).replace(/\r$/, "");
      if (/^ *$/.test(raw)) {
        taken.push("");
        continue;
      }
      const { length } = /** @type {RegExpExecArray} */ (/^ */.exec(raw))[0];
      if (length <= indent) {
        break;
      }
      own ??= length;
      if (length !== own || /[\t\r\0-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]/.test(raw)) {
        throw new NotUnderstood(this.at + 1, "is a block of text that is not understood");
      }
      taken.push(raw.slice(own));
    }
    while (taken.at(-1) === "") {
      taken.pop();
    }
    if (taken.includes("") || own === undefined) {
      throw new NotUnderstood(line.number, "is a block of text that is not understood");
    }
    const value = taken.join(folded ? " " : "\n") + (chomp === "-" ? "" : "\n");
    return { kind: "scalar", value, plain: false, line: line.number };
  }
}

/** @param {Line} line */
function isItem({ text }) {
  return text === "-" || text.startsWith("- ");
}

/**
 * @param {string} text
 * @param {number} line
 * @returns {Node}
 */
function oneLine(text, line) {
  if (/^[&*]/.test(text)) {
    const [, name, rest = ""] = NAME.exec(text) ?? [];
    if (name === undefined || (text.startsWith("*") && rest !== "" && !rest.startsWith("#"))) {
      throw new NotUnderstood(line, "has an anchor or alias that is not understood");
    }
    if (text.startsWith("*")) {
      return { kind: "alias", name, line };
    }
    const node = rest === "" || /^[&*]/.test(rest) ? undefined : oneLine(rest, line);
    if (node === undefined || node.kind === "alias") {
      throw new NotUnderstood(line, "has an anchor that is not understood");
    }
    return { ...node, anchor: name };
  }
  if (/^[[{]/.test(text)) {
    const flow = new Flow(text, line);
    const node = flow.value(0);
    flow.end();
    return node;
  }
  if (/^["']/.test(text)) {
    const [whole = "", rest] = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(?: +#.*)?$/.exec(text) ?? [];
    if (whole === "" || rest === undefined) {
      throw new NotUnderstood(line, "has a quoted value that is not understood");
    }
    return { kind: "scalar", value: unquote(rest, line), plain: false, line };
  }
  const plain = text.replace(/ +#.*$/, "");
  if (plain === "" || /^[\]},#!|>%@`?-](?:$| )|^[\]},#!|>%@`]|: |:$/.test(plain)) {
    throw new NotUnderstood(line, "has a value that is not understood");
  }
  return { kind: "scalar", value: plain, plain: true, line };
}

/** `[a, *b, "c"]` and `{ age: [*a] }` on one line. */
class Flow {
  /**
   * @param {string} text
   * @param {number} line
   */
  constructor(text, line) {
    this.text = text;
    this.line = line;
    this.at = 0;
  }

  /** @param {RegExp} pattern sticky */
  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    this.at += found?.[0].length ?? 0;
    return found;
  }

  /** @returns {never} */
  fail() {
    throw new NotUnderstood(this.line, "has a list or map that is not understood");
  }

  end() {
    if (!/^ *(?: #.*)?$/.test(this.text.slice(this.at))) {
      this.fail();
    }
  }

  /**
   * @param {number} depth
   * @returns {Node}
   */
  value(depth) {
    const { line } = this;
    if (depth > 8) {
      this.fail();
    }
    if (this.take(/\[ */y) !== null) {
      return { kind: "list", items: this.entries("]", () => this.value(depth + 1)), line };
    }
    if (this.take(/\{ */y) !== null) {
      const pairs = this.entries("}", () => this.pair(depth));
      if (new Set(pairs.map(({ key }) => key)).size !== pairs.length) {
        throw new NotUnderstood(line, "has a key twice");
      }
      return { kind: "map", pairs, line };
    }
    const alias = this.take(/\*([A-Za-z0-9_-]+) */y);
    if (alias !== null) {
      return { kind: "alias", name: alias[1] ?? "", line };
    }
    const quoted = this.take(/("(?:[^"\\]|\\.)*"|'(?:[^']|'')*') */y);
    if (quoted !== null) {
      return { kind: "scalar", value: unquote(quoted[1] ?? "", line), plain: false, line };
    }
    const plain = this.take(/[A-Za-z0-9_./^][A-Za-z0-9_./^$\\@+-]*(?: +[A-Za-z0-9_./][A-Za-z0-9_./^$\\@+-]*)* */y);
    return plain === null ? this.fail() : { kind: "scalar", value: plain[0].trimEnd(), plain: true, line };
  }

  /**
   * @template T
   * @param {string} close
   * @param {() => T} entry
   * @returns {T[]}
   */
  entries(close, entry) {
    const found = [];
    for (;;) {
      if (this.text[this.at] === close) {
        this.at += 1;
        this.take(/ */y);
        return found;
      }
      found.push(entry());
      if (this.take(/, */y) === null && this.text[this.at] !== close) {
        this.fail();
      }
    }
  }

  /**
   * @param {number} depth
   * @returns {Pair}
   */
  pair(depth) {
    const written = this.take(/("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[A-Za-z0-9_][A-Za-z0-9_-]*) *: +/y);
    if (written === null) {
      return this.fail();
    }
    const key = /** @type {string} */ (written[1]);
    return {
      key: /^["']/.test(key) ? unquote(key, this.line) : key,
      value: this.value(depth + 1),
      line: this.line,
    };
  }
}

const ESCAPES = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["0", "\0"],
]);

/**
 * @param {string} quoted
 * @param {number} line
 */
function unquote(quoted, line) {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith("'")) {
    return inner.replaceAll("''", "'");
  }
  return inner.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code, sign) => {
    const plain = code === undefined ? ESCAPES.get(sign) : String.fromCharCode(Number.parseInt(code, 16));
    if (plain === undefined) {
      throw new NotUnderstood(line, "has an escape that is not understood");
    }
    return plain;
  });
}
