import { isMap, isScalar } from "yaml";

import type { Reason } from "./appStep.js";
import { type SecretUse, usesVariable } from "./consumers.js";
import { lineStart } from "./edits.js";
import { mayRead } from "./reads.js";
import { endOf, entriesOf, entry, type Entry, type Job, leavesOf, type Step, type Workflow } from "./workflow.js";

/** A variable of a job's or the workflow's `env` that moves into the steps that read it. */
export interface Move {
  readonly variable: string;
  readonly uses: readonly SecretUse[];
  /** The `env:` that it leaves, and itself in it. */
  readonly env: Entry;
  readonly own: Entry;
  /** By job. */
  readonly targets: ReadonlyMap<string, readonly Step[]>;
}

/**
 * Plans to take a variable out of the `env` of a job, or of the workflow when `job` is undefined: only a step's `env` can
 * have what an earlier step made. Gives the reason where that would change what some step sees, or cannot be told.
 */
export function planMove(
  workflow: Workflow,
  job: Job | undefined,
  variable: string,
  uses: readonly SecretUse[],
): Move | Reason {
  const env = entry(workflow, job?.map ?? workflow.root, "env");
  const own = entry(workflow, env?.value, variable);
  const jobs = job === undefined ? workflow.jobs.filter((each) => !hasOwn(workflow, each.map, variable)) : [job];
  const repair = "put it into the env of the steps that need it, and run again";
  if (env === undefined || own === undefined || !isPlainEntry(workflow, env, own)) {
    return { what: `is in ${levelOf(job)} in a form that cannot be moved`, repair };
  }
  const targets = new Map(jobs.map((each) => [each.id, readersOf(workflow, each, variable)]));
  const readers = [...targets.values()].flat();
  if (readers.length === 0) {
    return { what: `is in ${levelOf(job)} where no step seems to read it`, repair: "delete the line if that is so" };
  }
  if (jobs.some((each) => isReadOutside(workflow, each, variable))) {
    return { what: `is in ${levelOf(job)} and read outside of the steps or by another variable of a step`, repair };
  }
  if (jobs.some(({ map }) => isWritten(workflow, map, variable))) {
    return { what: `is in ${levelOf(job)} and a step writes that variable into GITHUB_ENV`, repair };
  }
  if (readers.some((step) => step.isFlow || step.isShared || !canTake(workflow, step))) {
    return { what: `is in ${levelOf(job)} and a step that reads it has a form that cannot be edited`, repair };
  }
  return { variable, uses, env, own, targets };
}

function levelOf(job: Job | undefined): string {
  return `${job === undefined ? "the workflow's" : "a job's"} env, where no step's output reaches,`;
}

/** One scalar on one line, no anchor near it. */
function isPlainEntry(workflow: Workflow, env: Entry, own: Entry): boolean {
  const { text, shared } = workflow;
  return (
    isMap(env.raw) &&
    isScalar(own.raw) &&
    own.raw.anchor === undefined &&
    env.raw.anchor === undefined &&
    !shared.has(env.raw) &&
    lineStart(text, own.start) === lineStart(text, endOf(own.raw)) &&
    (env.raw.flow !== true || lineStart(text, env.start) === lineStart(text, endOf(env.raw)))
  );
}

function readersOf(workflow: Workflow, job: Job, variable: string): Step[] {
  return job.steps.filter((step) => !hasOwn(workflow, step.map, variable) && mayRead(workflow, step, variable));
}

function hasOwn(workflow: Workflow, map: unknown, variable: string): boolean {
  return entry(workflow, entry(workflow, map, "env")?.value, variable) !== undefined;
}

/** Whether something that is no step reads it, or an `env` of a step does, which does not see its own entries. */
function isReadOutside(workflow: Workflow, job: Job, variable: string): boolean {
  const around = entriesOf(workflow, job.map).filter(({ key }) => key !== "steps" && key !== "env");
  const within = job.steps.map(({ map }) => entry(workflow, map, "env"));
  return [...around, ...within].some((each) => each !== undefined && usesVariable(workflow, each.value, variable));
}

function isWritten(workflow: Workflow, job: unknown, variable: string): boolean {
  const assignment = new RegExp(`(?<![A-Za-z0-9_])${variable}(?:=|<<)`);
  return leavesOf(workflow, job).some(
    ({ scalar }) => /GITHUB_ENV|Env:GITHUB_ENV|::set-env/i.test(scalar.value) && assignment.test(scalar.value),
  );
}

/** Whether a step has no `env`, or one that lines or an entry can be added to. */
function canTake(workflow: Workflow, { map }: Step): boolean {
  const env = entry(workflow, map, "env");
  return env === undefined || (isMap(env.raw) && env.raw.items.length > 0 && !workflow.shared.has(env.raw));
}
