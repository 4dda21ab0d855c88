// @ts-check
/**
 * Values that look random behind a name that speaks of a secret: `api_key = "…"`, `--password …`, `Bearer …`, and
 * passwords in addresses. Few false alarms matter more here than the last miss: forms that show by themselves are found
 * by material.mjs, and the team's own values by `p24 guard`.
 */
import { isInvented, isPlaceholder, isReference } from "./placeholder.mjs";

const CANDIDATE =
  /passw(?:or)?d|passphrase|pwd|secret|token|credential|api_?key|key|auth|bearer|basic|webhook|pepper/gi;
const AFTER_NAME =
  /["'`\]\\]{0,4}[ \t]{0,8}(?:=>|:=|[:=])[ \t]{0,8}|["'`]?,[ \t]{1,4}(?=["'`])|["']?[ \t]{1,4}value=(?=["'])|>(?=[^<>\s]{8,600}<\/)/y;
const QUOTED = /\\?(["'`])((?:(?!\1)[^\\\n]|\\.){8,600})\1/y;
const BARE = /[^\s"'`,;<>(){}[\]|&\\]{8,600}(?=[\s"'`,;}&|<\\]|$)/y;
const BEHIND_SCHEME = /[ \t]+([A-Za-z0-9+/._~=-]{16,600})/y;
const BEHIND_FLAG = /[ \t]+["']?([^\s"'`$<>(){}|&;\\]{8,600})/y;
const ADDRESS =
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/([^\s:/@"'`<>\\]{0,80}):([^\s/@"'`<>\\]{6,200})@([\w.-]+|\[[0-9a-f:]+\])/gi;

/** Words in a name that make it a secret by themselves. */
const STRONG = new Set([
  ...["password", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "tokens", "apikey", "credential"],
  ...["credentials", "webhook", "bearer", "pepper"],
]);
/** Words before `key` that make it one. */
const KEYS = new Set([
  ...["api", "access", "private", "signing", "encryption", "master", "service", "role", "secret", "auth", "client"],
  ...["account", "storage", "session", "cookie", "app", "admin", "license", "deploy", "webhook", "server", "root"],
]);
const GLUED = /(?:password|passwd|passphrase|secret|token|apikey|secretkey|accesskey|privatekey|signingkey)$/;
/** Words that say that it is something else: a public part, an id, a name, a place, a measure. */
const HARMLESS = new Set([
  ...["public", "pub", "publishable", "anon", "fingerprint", "id", "ids", "kid", "hash", "digest", "checksum", "sha"],
  ...["integrity", "type", "types", "name", "names", "file", "path", "dir", "folder", "url", "uri", "endpoint", "host"],
  ...[
    "count",
    "length",
    "len",
    "size",
    "limit",
    "max",
    "min",
    "ttl",
    "expiry",
    "expires",
    "expiration",
    "regex",
    "regexp",
  ],
  ...[
    "pattern",
    "format",
    "prefix",
    "suffix",
    "placeholder",
    "label",
    "title",
    "description",
    "field",
    "header",
    "column",
  ],
  ...[
    "index",
    "class",
    "style",
    "version",
    "next",
    "page",
    "cursor",
    "continuation",
    "cancellation",
    "algorithm",
    "alg",
  ],
  ...[
    "scope",
    "scopes",
    "example",
    "message",
    "error",
    "text",
    "hint",
    "help",
    "doc",
    "docs",
    "link",
    "usage",
    "primary",
  ],
  ...[
    "foreign",
    "sort",
    "cache",
    "react",
    "i18n",
    "known",
    "pin",
    "recipient",
    "ref",
    "enc",
    "encrypted",
    "sealed",
    "mark",
  ],
  ...["marker", "sig", "signature", "schema"],
]);

/**
 * @param {string} text
 * @returns {{ at: number, rule: string, what: string }[]}
 */
export function findAssignments(text) {
  const found = [];
  let last = -1;
  for (const match of text.matchAll(CANDIDATE)) {
    const at = match.index;
    if (at < last) {
      continue;
    }
    const { start, end } = nameAround(text, at, match[0].length);
    const value = valueBehind(text, start, end, match[0].toLowerCase());
    if (value !== undefined && value.strength > 0 && looksRandom(value.text, value.strength)) {
      found.push({ at: start, rule: "assignment", what: "assigns a value that looks like a secret" });
      last = value.end;
    } else {
      last = end;
    }
  }
  return text.includes("://") ? [...found, ...addresses(text)] : found;
}

/**
 * @param {string} text
 * @param {number} at
 * @param {number} length
 */
function nameAround(text, at, length) {
  let start = at;
  while (start > 0 && at - start < 64 && isNameSign(text.charCodeAt(start - 1))) {
    start -= 1;
  }
  let end = at + length;
  while (end < text.length && end - at < 96 && isNameSign(text.charCodeAt(end))) {
    end += 1;
  }
  return { start, end };
}

/**
 * Letters, digits, `_`, `-`, `.`.
 *
 * @param {number} code
 */
function isNameSign(code) {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 45 && code <= 57 && code !== 47) ||
    code === 95
  );
}

/**
 * The value that belongs to the name, and how much the name speaks of a secret: 0 not, 1 a little, 2 clearly.
 *
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {string} word
 */
function valueBehind(text, start, end, word) {
  const name = text.slice(start, end);
  if ((word === "bearer" || word === "basic") && name.toLowerCase() === word) {
    const found = sticky(BEHIND_SCHEME, text, end);
    return found === null ? undefined : { text: found[1] ?? "", strength: 2, end: end + found[0].length };
  }
  const separator = sticky(AFTER_NAME, text, end);
  if (separator === null) {
    const found = name.startsWith("--") ? sticky(BEHIND_FLAG, text, end) : null;
    return found === null
      ? undefined
      : { text: found[1] ?? "", strength: strengthOf(name), end: end + found[0].length };
  }
  const from = end + separator[0].length;
  const quoted = sticky(QUOTED, text, from);
  if (quoted !== null) {
    return { text: quoted[2] ?? "", strength: strengthOf(name), end: from + quoted[0].length };
  }
  const bare = separator[0].includes(",") ? null : sticky(BARE, text, from);
  return bare === null ? undefined : { text: bare[0], strength: strengthOf(name), end: from + bare[0].length };
}

/**
 * @param {RegExp} pattern
 * @param {string} text
 * @param {number} at
 */
function sticky(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** @param {string} name */
function strengthOf(name) {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  if (words.some((word) => HARMLESS.has(word))) {
    return 0;
  }
  const last = words.at(-1) ?? "";
  const before = words.at(-2) ?? "";
  if (words.some((word) => STRONG.has(word) || GLUED.test(word)) || (last === "key" && KEYS.has(before))) {
    return 2;
  }
  const isKey = last === "key" && before !== "";
  return isKey || last === "auth" ? 1 : 0;
}

/**
 * Whether a value looks like what a generator made. With a name that speaks clearly 12 signs are enough, else it takes 24.
 *
 * @param {string} value
 * @param {number} strength 1 or 2
 */
export function looksRandom(value, strength) {
  if (value.length < (strength === 2 ? 12 : 24) || isPlaceholder(value) || isReference(value)) {
    return false;
  }
  if (isInvented(value) || /[^!-~]/.test(value) || isHarmlessForm(value)) {
    return false;
  }
  const random = value.split(/[-_./:+=,|]+/).filter((part) => !isWordy(part));
  const signs = random.join("");
  if (signs.length < 10 || signs.length * 2 < value.length) {
    return false;
  }
  const isHex = /^[0-9a-f]+$/i.test(signs);
  if (isHex && (signs.length < 20 || !/\d/.test(signs) || !/[a-f]/i.test(signs))) {
    return false;
  }
  const least = strength === 2 ? 3 : 3.4;
  return entropy(value) >= Math.min(least, Math.log2(value.length) * 0.8);
}

/**
 * Dates, versions, identifiers of other kinds, addresses without credentials, and code.
 *
 * @param {string} value
 */
function isHarmlessForm(value) {
  return (
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value) ||
    /^\d[\d.,:TZ+-]*$/.test(value) ||
    /^v?\d+\.\d+\.\d+/.test(value) ||
    /^(?:sha\d{1,3}|md5|blake\d\w?)[-:=]/i.test(value) ||
    /^(?:https?|wss?|file|ssh|git|ftp|data|urn|s3|age1)[:+]|^age1|^(?:ssh|ecdsa)-|^SHA256:/.test(value) ||
    (/^(?:\.{0,2}|~|[A-Za-z]:)[/\\]/.test(value) && value.split(/[/\\]/).slice(1).every(isWordyPath)) ||
    /=>|&&|\|\||\w\(|\$\{|^\$\w+$|^<[\w -]+>$|^[\w.]+\[["'\w]/.test(value) ||
    /^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/.test(value) ||
    /^(?:process|env|os|config|options|this|self|req|ctx|args|import)\./.test(value) ||
    (/^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/.test(value) && isWordy(value.slice(value.lastIndexOf(".") + 1))) ||
    /^-----BEGIN/.test(value)
  );
}

/** @param {string} part */
function isWordyPath(part) {
  return part.split(/[^A-Za-z0-9]+/).every(isWordy);
}

/**
 * Whether a part is a word, several in camel case, an abbreviation, or a short number: nothing that a generator makes. What
 * a generator makes changes between letters and digits, and between cases, every two signs or so.
 *
 * @param {string} part
 */
function isWordy(part) {
  const bare = part.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
  if (bare.length <= 3 || /^\d{1,6}$/.test(bare)) {
    return true;
  }
  const pieces = bare.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^A-Za-z0-9]+/g) ?? [];
  const short = pieces.filter(({ length }) => length <= 2).length;
  const capitals = /[a-z]/.test(bare) ? pieces.filter((piece) => /^[A-Z]{2,}$/.test(piece)).length : 0;
  return (
    capitals <= bare.length / 12 &&
    bare.length >= pieces.length * (bare.length <= 16 ? 3 : bare.length < 24 ? 3.5 : 4) &&
    short * 2 <= pieces.length &&
    pieces.every((piece) => (/^[A-Za-z]/.test(piece) ? isSpoken(piece) : piece.length <= 4 && /^[\d$_]/.test(piece)))
  );
}

/**
 * Whether letters alternate between vowels and consonants as they do in words.
 *
 * @param {string} word
 */
function isSpoken(word) {
  const vowels = word.match(/[aeiouy]/gi)?.length ?? 0;
  return (
    word.length <= 3 ||
    /^(?:https?|html|grpc|ctrl|mqtt|smtps?|ntlm|pkcs|sdks|urls)$/i.test(word) ||
    (vowels / word.length >= 0.12 && !(word.length > 8 ? /[^aeiouy]{6,}/i : /[^aeiouy]{5,}/i).test(word))
  );
}

/**
 * Shannon's, in bits a sign.
 *
 * @param {string} text
 */
function entropy(text) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const sign of text) {
    counts.set(sign, (counts.get(sign) ?? 0) + 1);
  }
  let bits = 0;
  for (const count of counts.values()) {
    bits -= (count / text.length) * Math.log2(count / text.length);
  }
  return bits;
}

/**
 * `scheme://user:password@host`. What serves a developer's own machine is no secret.
 *
 * @param {string} text
 */
function addresses(text) {
  const found = [];
  for (const { index, 1: user = "", 2: password = "", 3: host = "" } of text.matchAll(ADDRESS)) {
    const isLocal =
      /^(?:localhost|127\.0\.0\.1|\[::1\]|db|postgres|mysql|redis|mongo|rabbitmq|host|hostname|example\.\w+)$/i;
    const isWord = /^[A-Za-z][a-z]*\d{0,3}$/.test(password) && isSpoken(password);
    if (
      !isLocal.test(host) &&
      !/(?:^|\.)example\.(?:com|org|net)$|\.(?:test|invalid|local|localhost)$/.test(host) &&
      !isWord &&
      password !== user &&
      !isPlaceholder(password) &&
      !isReference(password) &&
      !/[(){}<>$]|^%[sdv]$|^\*+$/.test(password)
    ) {
      found.push({ at: index, rule: "address-password", what: "has a password in an address" });
    }
  }
  return found;
}
