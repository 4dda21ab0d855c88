import { isMap, type Scalar } from "yaml";

import { aboveComments, applyEdits, column, type Edit, insertLines, lineStart, nextLine } from "./edits.js";
import { replaceUses } from "./consumers.js";
import type { Move } from "./move.js";
import { withoutReminder } from "./todo.js";
import { behind, endOf, entriesOf, entry, indentationOf, type Step, startOf, type Workflow } from "./workflow.js";

/** The changes that all moves of a workflow make together. `outputs`: by job, the expression of the token. */
export function moveEdits(workflow: Workflow, moves: readonly Move[], outputs: ReadonlyMap<string, string>): Edit[] {
  const byStep = new Map<Step, Moved[]>();
  for (const move of moves) {
    for (const [job, steps] of move.targets) {
      const moved = movedEntry(workflow, move, outputs.get(job) ?? "");
      steps.forEach((step) => byStep.set(step, [...(byStep.get(step) ?? []), moved]));
    }
  }
  const given = [...byStep].map(([step, entries]) => giveToStep(workflow, step, entries));
  return [...given, ...takeAway(workflow, moves)];
}

/** An entry as it stands in a step. */
interface Moved {
  /** `NAME: value # comment`, for a line of its own. */
  readonly line: string;
  /** `NAME: value`, for a `{…}`. */
  readonly inFlow: string;
}

function movedEntry({ text }: Workflow, { own, env, uses }: Move, output: string): Moved {
  const value = own.raw as Scalar<string>;
  const isFlow = isMap(env.raw) && env.raw.flow === true;
  const edits = replaceUses(text, uses, output);
  const written = (from: number, to: number) =>
    applyEdits(
      text.slice(from, to),
      edits.map((edit) => ({ ...edit, start: edit.start - from, end: edit.end - from })),
    );
  const source = written(startOf(value), endOf(value));
  const key = text.slice(own.start, startOf(value));
  const quoted = value.type === "PLAIN" ? `'${source.replaceAll("'", "''")}'` : source;
  return {
    line: isFlow ? key + source : withoutReminder(written(own.start, nextLine(text, own.start)).trimEnd()),
    inFlow: key + quoted,
  };
}

/** Adds entries to a step's `env`, in its first lines; a step without one gets one. */
function giveToStep(workflow: Workflow, { map }: Step, entries: readonly Moved[]): Edit {
  const { text } = workflow;
  const env = entry(workflow, map, "env");
  if (isMap(env?.raw) && env.raw.flow === true) {
    const at = startOf(env.raw) + 1;
    return { start: at, end: at, text: ` ${entries.map(({ inFlow }) => inFlow).join(", ")},` };
  }
  const lines = entries.map(({ line }) => line);
  if (env !== undefined) {
    const indent = " ".repeat(column(text, entriesOf(workflow, env.value)[0]?.start ?? 0));
    return insertLines(text, nextLine(text, env.start), indented(lines, indent));
  }
  const keys = entriesOf(workflow, map);
  const indent = column(text, keys[0]?.start ?? 0);
  const before = keys.slice(1).find(({ key }) => key === "run" || key === "with");
  const at = before === undefined ? behind(workflow, map) : aboveComments(text, before.start, indent);
  const block = [`${" ".repeat(indent)}env:`, ...indented(lines, " ".repeat(indent + indentationOf(workflow)))];
  return insertLines(text, at, block);
}

function indented(lines: readonly string[], indent: string): string[] {
  return lines.map((line) => indent + line);
}

/** Takes entries out of the `env`s that they leave; an `env` with nothing left goes too. Comments stay. */
function takeAway(workflow: Workflow, moves: readonly Move[]): Edit[] {
  const byEnv = new Map<number, Move[]>();
  moves.forEach((move) => byEnv.set(move.env.start, [...(byEnv.get(move.env.start) ?? []), move]));
  return [...byEnv.values()].flatMap((group) => takeFromOne(workflow, group));
}

function takeFromOne({ text, ...workflow }: Workflow, moves: readonly Move[]): Edit[] {
  const [{ env }] = moves as [Move];
  const gone = new Set(moves.map(({ variable }) => variable));
  const all = entriesOf(workflow, env.value);
  const line = (offset: number) => ({ start: lineStart(text, offset), end: nextLine(text, offset), text: "" });
  const isFlow = isMap(env.raw) && env.raw.flow === true;
  if (all.every(({ key }) => gone.has(key))) {
    return isFlow ? [line(env.start)] : [withoutKey(text, env.start), ...moves.map(({ own }) => line(own.start))];
  }
  if (!isFlow) {
    return moves.map(({ own }) => line(own.start));
  }
  const kept = all.filter(({ key }) => !gone.has(key));
  const written = kept.map(({ start, raw }) => text.slice(start, raw === undefined ? start : endOf(raw)));
  const map = env.raw;
  return [{ start: startOf(map), end: endOf(map), text: `{ ${written.join(", ")} }` }];
}

/** Takes the line of a key away; a comment behind the key stays, on that line. */
function withoutKey(text: string, start: number): Edit {
  const end = nextLine(text, start);
  const comment = /^env["']?:[ \t]+(?=#)/.exec(text.slice(start, end))?.[0];
  return comment === undefined
    ? { start: lineStart(text, start), end, text: "" }
    : { start, end: start + comment.length, text: "" };
}
