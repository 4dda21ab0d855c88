import { isScalar, visit } from "yaml";

import { type Edit, lineStart, nextLine } from "./edits.js";
import { endOf, startOf, type Workflow } from "./workflow.js";

/** The reminder that spec 03 put beside every consumer: a line of its own, or behind something, also in a script. */
const REMINDER =
  /[ \t]*#[ \t]*TODO:?[ \t]*replace with[ \t]+(?:\$\{\{[ \t]*)?steps\.app-token\.outputs\.token(?![\w-])[^\r\n]*/gi;

/** A reminder in the text: the offsets of what goes when it is done. */
export interface Reminder extends Omit<Edit, "text"> {
  readonly line: number;
}

/** Every reminder of a file. Text inside of quotes is none. */
export function reminders(workflow: Workflow): Reminder[] {
  const { text } = workflow;
  const quoted: (readonly [number, number])[] = [];
  visit(workflow.document, (_key, node) => {
    if (isScalar(node) && (node.type === "QUOTE_SINGLE" || node.type === "QUOTE_DOUBLE")) {
      quoted.push([startOf(node), endOf(node)]);
    }
  });
  return [...text.matchAll(REMINDER)].flatMap(({ index, 0: found }) => {
    const isAlone = text.slice(lineStart(text, index), index).trim() === "";
    const isComment = isAlone || /^[ \t]/.test(found);
    if (!isComment || quoted.some(([start, end]) => index >= start && index < end)) {
      return [];
    }
    const line = workflow.lineOf(index);
    return isAlone
      ? [{ line, start: lineStart(text, index), end: nextLine(text, index) }]
      : [{ line, start: index, end: index + found.length }];
  });
}

/** One line without its reminder. */
export function withoutReminder(line: string): string {
  return line.replace(REMINDER, "");
}

/** A text without its reminders, and without the lines that held nothing else. */
export function withoutReminders(text: string): string {
  return text
    .split(/(?<=\n)/)
    .flatMap((line) => (line.trim() !== "" && withoutReminder(line).trim() === "" ? [] : [withoutReminder(line)]))
    .join("");
}
