/** Looks a variable up; `undefined` when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** A template that Compose refuses. The message names variables, never values. */
export class TemplateError extends Error {}

/**
 * Replaces `$NAME`, `${NAME}` and `${NAME:-word}` (also `-`, `:?`, `?`, `:+`, `+`) as Compose does; `$$` is one `$`.
 * Source: compose-go, template/template.go.
 */
export function interpolate(text: string, lookup: Lookup): string {
  let out = "";
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf("$", at);
    if (dollar === -1) {
      return out + text.slice(at);
    }
    out += text.slice(at, dollar);
    const [replacement, next] = variableAt(text, dollar, lookup);
    out += replacement;
    at = next;
  }
  return out;
}

function variableAt(text: string, dollar: number, lookup: Lookup): [replacement: string, next: number] {
  const after = text[dollar + 1];
  if (after === "$") {
    return ["$", dollar + 2];
  }
  if (after === "{") {
    const end = closingBrace(text, dollar + 1);
    if (end === undefined) {
      throw new TemplateError("invalid interpolation format: a brace is not closed");
    }
    return [braced(text.slice(dollar + 2, end), lookup), end + 1];
  }
  const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(text.slice(dollar + 1))?.[0];
  return name === undefined ? ["$", dollar + 1] : [lookup(name) ?? "", dollar + 1 + name.length];
}

function closingBrace(text: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "{") {
      depth += 1;
    } else if (text[at] === "}" && (depth -= 1) === 0) {
      return at;
    }
  }
  return undefined;
}

function braced(inner: string, lookup: Lookup): string {
  const [, name, operator, word = ""] = /^([A-Za-z_][A-Za-z0-9_]*)(:?[-?+])?(.*)$/s.exec(inner) ?? [];
  if (name === undefined || (operator === undefined && word !== "")) {
    throw new TemplateError("invalid interpolation format");
  }
  const value = lookup(name);
  const there = value !== undefined && (operator?.startsWith(":") !== true || value !== "");
  switch (operator?.at(-1)) {
    case "-":
      return there ? value : interpolate(word, lookup);
    case "+":
      return there ? interpolate(word, lookup) : "";
    case "?":
      if (!there) {
        throw new TemplateError(`required variable ${name} is missing a value`);
      }
      return value;
    default:
      return value ?? "";
  }
}
