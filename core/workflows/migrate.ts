import { FaultsError, FaultList } from "../fault.js";
import type { App, Reason } from "./appStep.js";
import { secretUses } from "./consumers.js";
import { applyEdits, type Edit } from "./edits.js";
import { planAll, type Plans } from "./interfaces.js";
import { notesOf } from "./notes.js";
import { readWorkflow, type Workflow, type WorkflowText } from "./workflow.js";

/** Names under which personal tokens lie in the team's repositories. `GITHUB_TOKEN` is the job's own and stays. */
export const PERSONAL = new Set(["GH_PAT", "GH_TOKEN", "P24_INFRA_GH_TOKEN"]);

/** Something that a person should look at. */
export interface Finding extends Reason {
  readonly path: string;
  /** Line in the file as it is, and as it is once the changes are written. */
  readonly before: number;
  readonly after: number;
  /** The secret's name, where one is meant. */
  readonly name?: string;
}

/** One consumer that gets the App's token. */
export interface Replaced {
  readonly name: string;
  readonly line: number;
  /** The keys that lead to it: `jobs.sync.steps.1.env.GH_TOKEN`. */
  readonly keys: string;
}

export interface FileChange extends WorkflowText {
  readonly replaced: readonly Replaced[];
}

export interface Migration {
  /** The files that change, with their new text. */
  readonly changes: readonly FileChange[];
  /** Consumers of a personal token that stay as they are until a person has repaired what stands in the way. */
  readonly left: readonly Finding[];
  /** Lines that use VERCEL_TOKEN. */
  readonly vercel: readonly Finding[];
  /** What may behave otherwise with the App's token, and what could not be seen. */
  readonly notes: readonly Finding[];
}

/**
 * Plans the migration of a checkout's workflows and composite actions from personal tokens to the App's. Pure: who calls it
 * writes `changes`. Throws a FaultsError when a file cannot be read, with the faults of all files; then nothing is planned.
 */
export function migrate(files: readonly WorkflowText[], app: App): Migration {
  const planned = planFiles(files, app);
  const again = planFiles(
    files.map((file) => planned.changes.find(({ path }) => path === file.path) ?? file),
    app,
  );
  // A plan that would go on changing what it has made is not understood well enough to be written.
  if (again.changes.length > 0) {
    throw new FaultsError(
      again.changes.map(({ path }) => ({
        where: path,
        what: "has a form that cannot be changed safely; nothing was written",
        repair: "move this file away, run again, and migrate it by hand; please report it",
      })),
    );
  }
  return planned;
}

function planFiles(files: readonly WorkflowText[], app: App): Migration {
  const faults = new FaultList();
  const read = files.flatMap((file) => faults.collect(() => readWorkflow(file)) ?? []);
  faults.throwIfAny();
  const workflows = read.filter((workflow) => !isAction(workflow));
  const actions = read.filter(isAction);
  const plans = planAll(workflows, PERSONAL, app);
  const edits = editsOf(plans);
  const at = (workflow: Workflow, offset: number, reason: Reason, name?: string): Finding => ({
    path: workflow.path,
    ...linesOf(workflow, offset, edits.get(workflow.path) ?? []),
    ...(name === undefined ? {} : { name }),
    ...reason,
  });
  return {
    changes: changesOf(plans, edits),
    left: [
      ...plans.plans.flatMap(({ workflow, left }) =>
        [...left, ...(plans.left.get(workflow.path) ?? [])].map(({ use, reason }) =>
          at(workflow, use.start, reason, use.name),
        ),
      ),
      ...actions.flatMap((action) =>
        secretUses(action)
          .filter(({ name }) => name !== undefined && PERSONAL.has(name))
          .map((use) => at(action, use.start, IN_ACTION, use.name)),
      ),
    ]
      .filter(isFirst)
      .sort(inOrder),
    vercel: read.flatMap((file) => vercelLines(file).map((offset) => at(file, offset, VERCEL, "VERCEL_TOKEN"))),
    notes: notesOf(plans, read)
      .map(({ workflow, offset, reason }) => at(workflow, offset, reason))
      .filter(isFirst)
      .sort(inOrder),
  };
}

const IN_ACTION: Reason = {
  what: "is in a composite action, where GitHub offers no secrets",
  repair: "give the action an input for it, and hand it the App's token in the step that uses the action",
};

const VERCEL: Reason = {
  what: "is used; deployments come from Vercel's Git integration, without a token",
  repair: "take the step out once the integration deploys the project, then delete the secret",
};

function isAction({ path }: WorkflowText): boolean {
  return /(?:^|\/)action\.ya?ml$/.test(path) && !path.startsWith(".github/workflows/");
}

function editsOf({ plans, edits }: Plans): Map<string, readonly Edit[]> {
  return new Map(plans.map((plan) => [plan.workflow.path, [...plan.edits, ...(edits.get(plan.workflow.path) ?? [])]]));
}

function changesOf({ plans, replaced }: Plans, edits: ReadonlyMap<string, readonly Edit[]>): FileChange[] {
  return plans.flatMap((plan) => {
    const { workflow } = plan;
    const text = applyEdits(workflow.text, edits.get(workflow.path) ?? []);
    const uses = [...plan.replaced, ...(replaced.get(workflow.path) ?? [])].sort((a, b) => a.start - b.start);
    return text === workflow.text
      ? []
      : [
          {
            path: workflow.path,
            text,
            replaced: uses.map(({ name = "", line, keys }) => ({ name, line, keys: keys.join(".") })),
          },
        ];
  });
}

/** The line of an offset, now and after the changes. */
function linesOf(workflow: Workflow, offset: number, edits: readonly Edit[]): { before: number; after: number } {
  const before = workflow.lineOf(offset);
  const shift = new Map(edits.map((edit) => [JSON.stringify(edit), edit]));
  const added = [...shift.values()]
    .filter(({ start }) => start <= offset)
    .map(({ start, end, text }) => breaks(text) - breaks(workflow.text.slice(start, end)));
  return { before, after: added.reduce((sum, lines) => sum + lines, before) };
}

function breaks(text: string): number {
  return text.split("\n").length - 1;
}

/** Offsets of the lines that name VERCEL_TOKEN, comments left out. */
function vercelLines({ text }: Workflow): number[] {
  return [...text.matchAll(/^(?![ \t]*#).*?(?<![A-Za-z0-9_])VERCEL_TOKEN(?![A-Za-z0-9_])/gm)].map(
    ({ index, 0: { length } }) => index + length - 1,
  );
}

function inOrder(a: Finding, b: Finding): number {
  return a.path === b.path ? a.before - b.before : a.path < b.path ? -1 : 1;
}

/** One behind an anchor, or in two places of the same step, is told once. */
function isFirst(finding: Finding, index: number, all: readonly Finding[]): boolean {
  return (
    all.findIndex(
      (other) =>
        other.path === finding.path &&
        other.before === finding.before &&
        other.name === finding.name &&
        other.what === finding.what,
    ) === index
  );
}
