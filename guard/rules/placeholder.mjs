// @ts-check
/** What stands for a value without being one. */

const WORDS =
  /placeholder|change[-_ ]?me|replace[-_ ]?(?:me|with|this)|your[-_ ]|[-_ ]here$|example|sample|dummy|fake|redacted|masked|hidden|todo|tbd|fill[-_ ]?(?:in|me)|insert|not[-_ ]?set|unset|undefined|^none$|^null$|secret[-_]?value|x{4,}|\*{3,}|\.{3}|…|^<.*>$|^\[.*\]$|^%[A-Z_]+%$/i;

/** References to where the value really is: a variable, an expression, a call. */
const REFERENCE = /^\$|^%\w+%$|\$\{|\{\{|<%|^#\{|^@\w|process\.env|secrets?\.[A-Z_]|^ENC\[|^op:\/\/|^vault:|^arn:/;

/**
 * Whether a whole value is a placeholder, or says nothing. Words may have signs and a few digits around them, but nothing
 * that could be the random part of a real one.
 *
 * @param {string} value
 */
export function isPlaceholder(value) {
  const text = value.trim();
  if (text === "" || /^(.)\1*$/s.test(text)) {
    return true;
  }
  return WORDS.test(text) && !looksMixed(text);
}

/**
 * Whether a value only points to where the real one is.
 *
 * @param {string} value
 */
export function isReference(value) {
  return REFERENCE.test(value.trim());
}

/**
 * Whether the random part of a known form was made up by hand: few different signs, mostly runs like `abcdef` or `123456`,
 * or a word for it.
 *
 * @param {string} random
 */
export function isInvented(random) {
  if (new Set(random).size < Math.min(8, Math.floor(random.length * 0.4))) {
    return true;
  }
  return /example|placeholder|your[-_]|x{6}|\.\.\./i.test(random) || inRuns(random) * 2 >= random.length;
}

/**
 * How many signs stand in stretches of three or more of which each follows the one before (`abc`, `321`) or repeats it.
 *
 * @param {string} text
 */
function inRuns(text) {
  let covered = 0;
  for (let from = 0; from < text.length;) {
    const step = text.charCodeAt(from + 1) - text.charCodeAt(from);
    let to = from + 1;
    while (Math.abs(step) <= 1 && text.charCodeAt(to) - text.charCodeAt(to - 1) === step) {
      to += 1;
    }
    if (to - from >= 3) {
      covered += to - from;
      from = to;
    } else {
      from += 1;
    }
  }
  return covered;
}

/**
 * Whether digits and letters alternate as they do in random text, not in words.
 *
 * @param {string} text
 */
function looksMixed(text) {
  const changes = text.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])|[a-z](?=[A-Z])/g)?.length ?? 0;
  return changes > Math.max(3, text.length / 6);
}
