import { visible } from "../text.js";

/** Text that is markup already: made by {@link html} and nowhere else. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | undefined | readonly Part[];

/**
 * Markup with everything that is put into it escaped, for text and for attributes in double quotes alike; what is markup
 * already stays, lists are joined, `undefined` is nothing. Lines are not indented in the page.
 */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(texts.map((text, at) => text.replace(/\n\s+/g, "\n") + textOf(parts[at])).join(""));
}

function textOf(part: Part): string {
  if (part === undefined) {
    return "";
  }
  if (part instanceof Markup) {
    return part.text;
  }
  return typeof part === "string" || typeof part === "number" ? escape(String(part)) : part.map(textOf).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return visible(text).replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one);
}

/** A text of the page's own, as it is: style and script, which are hashed as they stand there. */
export function asIs(text: string): Markup {
  return new Markup(text);
}
