import { usesInLeaf } from "./consumers.js";
import { aboveComments, applyEdits, column, type Edit, endOfLine, lineStart } from "./edits.js";
import { withoutReminders } from "./todo.js";
import { behind, leavesOf, type Step, type Workflow } from "./workflow.js";

/**
 * The changes that move a step up to before another one of its job, with the comment above it. `own`: a change inside of the
 * step that goes with it. `undefined` when the step has no lines of its own, or may need something from before it: an
 * output of a step, or a variable.
 */
export function lift(workflow: Workflow, step: Step, to: Step, isSeparated: boolean, own?: Edit): Edit[] | undefined {
  const { text } = workflow;
  const needs = leavesOf(workflow, step.map).some((leaf) =>
    ["steps", "env", "job"].some((context) => usesInLeaf(workflow, leaf, context).length > 0),
  );
  if (needs || step.isFlow || step.isShared || text[to.start] !== "-" || to.index >= step.index) {
    return undefined;
  }
  const above = aboveComments(text, step.start, column(text, step.start));
  const end = behind(workflow, step.map);
  const inside = own === undefined ? [] : [{ ...own, start: own.start - above, end: own.end - above }];
  const block = withoutReminders(applyEdits(text.slice(above, end), inside));
  const newline = endOfLine(text);
  const whole = (block.endsWith("\n") ? block : block + newline) + (isSeparated ? newline : "");
  const at = aboveComments(text, to.start, column(text, to.start));
  return [
    { start: at, end: at, text: whole },
    { start: aboveBlanks(text, above), end, text: "" },
  ];
}

/** Start of the first of the empty lines right above a line. */
function aboveBlanks(text: string, start: number): number {
  let at = start;
  while (at > 0 && text.slice(lineStart(text, at - 1), at).trim() === "") {
    at = lineStart(text, at - 1);
  }
  return at;
}
