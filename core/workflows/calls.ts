import { isMap, isScalar } from "yaml";

import { APP_ID_SECRET, PRIVATE_KEY_SECRET } from "./appStep.js";
import { secretUses } from "./consumers.js";
import { column, type Edit, insertLines, lineStart, nextLine } from "./edits.js";
import { endOf, entriesOf, entry, type Entry, type Job, textOf, type Workflow } from "./workflow.js";

/** The secrets that the App's step needs. A called workflow that declares its secrets has to be given them. */
export const APP_SECRETS = [APP_ID_SECRET, PRIVATE_KEY_SECRET] as const;

/** A job that calls a reusable workflow. */
export interface Call {
  readonly caller: Workflow;
  readonly job: Job;
  /** Path of the called workflow in this checkout; `undefined` when it lies in another repository. */
  readonly target: string | undefined;
  /** What it hands over: all of its own, or some by name. */
  readonly secrets: "inherit" | readonly Entry[];
}

/** Every call of a workflow. */
export function callsOf(caller: Workflow): Call[] {
  return caller.jobs.flatMap((job) => {
    const uses = textOf(entry(caller, job.map, "uses")?.value);
    if (uses === undefined) {
      return [];
    }
    const secrets = entry(caller, job.map, "secrets")?.value;
    return [
      {
        caller,
        job,
        target: /^\.\/(\.github\/workflows\/[^@]+)$/.exec(uses)?.[1],
        secrets: textOf(secrets) === "inherit" ? "inherit" : entriesOf(caller, secrets),
      },
    ];
  });
}

/** The `secrets:` that a called workflow has for its callers. */
export function declarations(workflow: Workflow): Entry | undefined {
  const call = entry(workflow, entry(workflow, workflow.root, "on")?.value, "workflow_call");
  return entry(workflow, call?.value, "secrets");
}

/** The secrets that a workflow declares for its callers; `undefined` when it declares none, or cannot be called. */
export function declaredSecrets(workflow: Workflow): Entry[] | undefined {
  const secrets = declarations(workflow);
  return secrets === undefined ? undefined : entriesOf(workflow, secrets.value);
}

/** Whether something else than a call starts it: then its secrets are the repository's as well. */
function hasOtherTriggers(workflow: Workflow): boolean {
  const on = entry(workflow, workflow.root, "on")?.value;
  return isMap(on) && on.items.length > 1;
}

/**
 * By workflow, the names of secrets that hold a personal token. `always` are such names in the repository; a called workflow
 * knows a secret by the name that it declares, so there it depends on what its callers hand over.
 */
export function personalNames(
  workflows: readonly Workflow[],
  calls: readonly Call[],
  always: ReadonlySet<string>,
): Map<string, Set<string>> {
  const personal = new Map(workflows.map((workflow) => [workflow.path, new Set<string>()]));
  for (let grown = true; grown;) {
    grown = false;
    for (const workflow of workflows) {
      const names = personal.get(workflow.path) ?? new Set();
      for (const name of namesIn(workflow, calls, personal, always)) {
        grown ||= !names.has(name);
        names.add(name);
      }
    }
  }
  return personal;
}

function namesIn(
  workflow: Workflow,
  calls: readonly Call[],
  personal: ReadonlyMap<string, ReadonlySet<string>>,
  always: ReadonlySet<string>,
): string[] {
  const declared = declaredSecrets(workflow)?.map(({ key }) => key.toUpperCase()) ?? [];
  const own = [...always].filter((name) => !declared.includes(name) || hasOtherTriggers(workflow));
  const callers = calls.filter(({ target }) => target === workflow.path);
  const handed = declared.filter((name) =>
    callers.length === 0
      ? always.has(name)
      : callers.some(({ caller, secrets }) => {
          const theirs = personal.get(caller.path) ?? new Set();
          const given = secrets === "inherit" ? undefined : secrets.find(({ key }) => key.toUpperCase() === name);
          return secrets === "inherit" ? theirs.has(name) : isPersonal(caller, given, theirs);
        }),
  );
  return [...own, ...handed];
}

/** Whether what a call hands over holds one of the caller's personal tokens. */
export function isPersonal(
  caller: Workflow,
  given: Entry | undefined,
  theirs: ReadonlySet<string | undefined>,
): boolean {
  return secretUses(caller).some((use) => use.scalar === given?.value && theirs.has(use.name));
}

/** Whether a call hands over the personal token and nothing beside it: `${{ secrets.GH_PAT }}`. */
export function isWhole({ value }: Entry): boolean {
  return /^\s*\$\{\{\s*secrets\s*[.[][^|&(}]*\}\}\s*$/i.test(textOf(value) ?? "");
}

/** Whether the entries of a map stand on lines of their own that can be taken away and added to. */
export function isEditableMap(workflow: Workflow, entries: readonly Entry[], parent: unknown): boolean {
  return (
    entries.length > 0 &&
    isMap(parent) &&
    parent.flow !== true &&
    parent.anchor === undefined &&
    entries.every(
      ({ raw, start }) =>
        !isAliasOrAnchored(raw) && workflow.text.slice(lineStart(workflow.text, start), start).trim() === "",
    )
  );
}

function isAliasOrAnchored(node: Entry["raw"]): boolean {
  return node !== undefined && !((isScalar(node) || isMap(node)) && node.anchor === undefined);
}

/** Declares the App's secrets in a called workflow in the place of `gone`; without `adds`, only takes these away. */
export function redeclare(workflow: Workflow, gone: ReadonlySet<string>, adds: boolean): Edit[] {
  const declared = declaredSecrets(workflow) ?? [];
  const nested = declared.map(({ value, start }) => nestingOf(workflow, value, start)).find((found) => found > 0) ?? 2;
  const lines = (name: string) => [`${name}:`, `${" ".repeat(nested)}required: true`];
  return exchange(workflow, declarations(workflow), gone, adds ? lines : undefined);
}

/** Hands the App's secrets to a called workflow in the place of `gone`; without `adds`, only takes these away. */
export function handOver({ caller, job, secrets }: Call, gone: ReadonlySet<string>, adds: boolean): Edit[] {
  const lines = (name: string) => [`${name}: \${{ secrets.${name} }}`];
  return secrets === "inherit"
    ? []
    : exchange(caller, entry(caller, job.map, "secrets"), gone, adds ? lines : undefined);
}

function nestingOf({ text }: Workflow, value: unknown, start: number): number {
  const [first] = isMap(value) && value.flow !== true ? value.items : [];
  return first !== undefined && isScalar(first.key) ? column(text, first.key.range?.[0] ?? 0) - column(text, start) : 0;
}

/** Takes entries out of a `secrets:`, puts the App's in their place, and takes the key away when nothing is left. */
function exchange(
  workflow: Workflow,
  secrets: Entry | undefined,
  gone: ReadonlySet<string>,
  linesFor: ((name: string) => string[]) | undefined,
): Edit[] {
  const { text } = workflow;
  const entries = entriesOf(workflow, secrets?.value);
  const leaving = entries.filter(({ key }) => gone.has(key.toUpperCase()));
  const missing = APP_SECRETS.filter((name) => !entries.some(({ key }) => key.toUpperCase() === name));
  const [at] = [...leaving, ...entries];
  if (secrets === undefined || at === undefined) {
    return [];
  }
  const indent = " ".repeat(column(text, at.start));
  const lines = linesFor === undefined ? [] : missing.flatMap(linesFor).map((line) => indent + line);
  const isEmpty = lines.length === 0 && leaving.length === entries.length;
  return [
    ...(lines.length === 0 ? [] : [insertLines(text, lineStart(text, at.start), lines)]),
    ...(isEmpty ? [{ start: lineStart(text, secrets.start), end: nextLine(text, secrets.start), text: "" }] : []),
    ...leaving.map(({ start, raw }) => ({
      start: lineStart(text, start),
      end: nextLine(text, lastOffset(text, raw === undefined ? start : Math.max(start, endOf(raw)))),
      text: "",
    })),
  ];
}

/** Offset of the last character of what ends at `end`, blank ends of lines left out. */
function lastOffset(text: string, end: number): number {
  return Math.max(0, text.slice(0, end).trimEnd().length - 1);
}
