/**
 * JSON of which every reader understands the same: an object's name stands in it once, the text is UTF-8, and nothing is
 * nested deeper than needed. `JSON.parse` takes the last of two equal names, other readers take the first: what was checked
 * would not be what is used.
 */

const DEEPEST = 8;

/** The value of a strict JSON text, or `undefined` when it is not one. (No JSON text has the value `undefined`.) */
export function parseStrictJson(bytes: Uint8Array): unknown {
  try {
    // A byte order mark stays, and is then no JSON.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return isUnambiguous(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A strict JSON text that is an object. */
export function parseStrictObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  const value = parseStrictJson(bytes);
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Strings (with a colon behind when they are names) and brackets; of valid JSON nothing else matters here. */
const PARTS = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/gs;

/** Whether valid JSON names nothing twice in one object, and is not too deep. */
function isUnambiguous(json: string): boolean {
  const open: Set<string>[] = [];
  for (const [part, colon] of json.matchAll(PARTS)) {
    if (part === "{" || part === "[") {
      open.push(new Set());
      if (open.length > DEEPEST) {
        return false;
      }
    } else if (part === "}" || part === "]") {
      open.pop();
    } else if (colon !== undefined) {
      // Decoded, so that "sub" and "s\\u0075b" are the same name.
      const name = JSON.parse(part.slice(0, part.length - colon.length)) as string;
      const names = open.at(-1);
      if (names === undefined || names.has(name)) {
        return false;
      }
      names.add(name);
    }
  }
  return true;
}
