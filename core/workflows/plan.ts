import { type App, type JobToken, type Reason, tokenOf } from "./appStep.js";
import { replaceUses, type SecretUse, secretUses } from "./consumers.js";
import type { Edit } from "./edits.js";
import { type Move, planMove } from "./move.js";
import { moveEdits } from "./moveEdits.js";
import { reminders } from "./todo.js";
import { type Job, startOf, type Step, type Workflow } from "./workflow.js";

/** A use that stays as it is, and why. */
export interface Left {
  readonly use: SecretUse;
  readonly reason: Reason;
}

/** What is to be done in one workflow, but for the secrets that it hands to others. */
export interface Plan {
  readonly workflow: Workflow;
  readonly edits: readonly Edit[];
  /** Uses that a step's output replaces. */
  readonly replaced: readonly SecretUse[];
  readonly left: readonly Left[];
  /** Uses in the `secrets:` of a call. Who sees both workflows decides about them. */
  readonly calls: readonly SecretUse[];
  /** The jobs that get the token, and the steps in them that use it. */
  readonly jobs: ReadonlyMap<string, { readonly job: Job; readonly users: readonly Step[]; readonly token: JobToken }>;
}

/**
 * Plans one workflow. `personal`: names of the secrets that hold a personal token, in upper case. With `blocked`, nothing is
 * changed, for that reason.
 */
export function planWorkflow(workflow: Workflow, personal: ReadonlySet<string>, app: App, blocked?: Reason): Plan {
  const uses = secretUses(workflow).filter(({ name }) => name !== undefined && personal.has(name));
  const calls = uses.filter((use) => use.place.kind === "call" && !isShared(workflow, use));
  const rest = uses.filter((use) => !calls.includes(use));
  const kept: Kept = new Map();
  for (const use of rest) {
    const reason = blocked ?? reasonToLeave(workflow, use);
    if (reason !== undefined) {
      kept.set(startOf(use.scalar), reason);
    }
  }
  // What is found to be impossible changes what the others need, so the plan is made anew until nothing is found.
  for (;;) {
    const before = kept.size;
    const attempt = attemptPlan(workflow, rest, kept, app);
    if (kept.size === before) {
      return { workflow, calls, ...attempt };
    }
  }
}

function isShared(workflow: Workflow, { scalar }: SecretUse): boolean {
  return workflow.shared.has(scalar);
}

/** Why a use cannot be replaced, whatever stands around it. */
function reasonToLeave(workflow: Workflow, use: SecretUse): Reason | undefined {
  const { keys, place, isHidden } = use;
  if (isHidden) {
    return { what: "is written with escapes", repair: "write the expression without them and run again" };
  }
  if (keys.at(-1) === "if") {
    return { what: "stands in an `if`, where GitHub offers no secret", repair: "compare a variable of the step's env" };
  }
  if (place.kind === "call" && isShared(workflow, use)) {
    return { what: "is handed to another workflow through an anchor", repair: "write it out and run again" };
  }
  if (place.kind !== "other") {
    return undefined;
  }
  if (keys.includes("credentials")) {
    const repair = "for ghcr.io take github.token and give the job `permissions: packages: read`";
    return { what: "logs a container in, before any step of the job", repair };
  }
  if (keys[2] === "outputs") {
    const repair = "make the App's token in the job that needs it; GitHub empties outputs that hold a secret";
    return { what: "is an output of a job", repair };
  }
  return { what: "stands where no step's output reaches", repair: "take the App's token in a step instead" };
}

/** Where uses stay, by the offset of their scalar: one text, whoever has an alias of it. It grows while a plan is made. */
type Kept = Map<number, Reason>;

type JobPlan = Plan["jobs"] extends ReadonlyMap<string, infer T> ? T : never;

/** A use in a step. */
type StepUse = SecretUse & { readonly place: Extract<SecretUse["place"], { kind: "step" }> };

function attemptPlan(workflow: Workflow, uses: readonly SecretUse[], kept: Kept, app: App) {
  const open = uses.filter(({ scalar }) => !kept.has(startOf(scalar)));
  const inSteps = open.filter((use): use is StepUse => use.place.kind === "step");
  const moves = movesOf(workflow, open, kept);
  const jobs = tokensOf(workflow, inSteps, moves, kept, app);
  const outputs = new Map([...jobs].map(([job, { token }]) => [job, `steps.${token.id}.outputs.token`]));
  keepTorn(inSteps, outputs, kept);
  const edits = [
    ...[...jobs.values()].flatMap(({ token }) => token.edits),
    ...[...outputs].flatMap(([job, output]) =>
      replaceUses(
        workflow.text,
        inSteps.filter(({ place }) => place.job === job),
        output,
      ),
    ),
    ...moveEdits(workflow, moves, outputs),
  ];
  const left = uses.flatMap((use) => {
    const reason = kept.get(startOf(use.scalar));
    return reason === undefined ? [] : [{ use, reason }];
  });
  return { edits: [...edits, ...doneReminders(workflow, uses, left, edits)], replaced: open, left, jobs };
}

function keep(kept: Kept, uses: readonly SecretUse[], reason: Reason): void {
  uses.forEach(({ scalar }) => kept.set(startOf(scalar), reason));
}

/** The variables above the steps that can move into them; the others are kept. */
function movesOf(workflow: Workflow, uses: readonly SecretUse[], kept: Kept): Move[] {
  return groupBy(uses, variableOf).flatMap((group) => {
    const [{ place }] = group as [SecretUse];
    const job = place.kind === "job env" ? workflow.jobs.find(({ id }) => id === place.job) : undefined;
    const move = planMove(workflow, job, "variable" in place ? place.variable : "", group);
    if ("what" in move) {
      keep(kept, group, move);
      return [];
    }
    return [move];
  });
}

/** The token of each job with a use; the uses of a job that cannot have one are kept. */
function tokensOf(
  workflow: Workflow,
  uses: readonly StepUse[],
  moves: readonly Move[],
  kept: Kept,
  app: App,
): Map<string, JobPlan> {
  const jobs = new Map<string, JobPlan>();
  for (const job of workflow.jobs) {
    const own = uses.filter(({ place }) => place.job === job.id);
    const moved = moves.filter(({ targets }) => (targets.get(job.id) ?? []).length > 0);
    const users = job.steps.filter(
      (step) =>
        own.some(({ place }) => place.index === step.index) ||
        moved.some(({ targets }) => targets.get(job.id)?.includes(step) === true),
    );
    const token = users.length === 0 ? undefined : tokenOf(workflow, job, users, app);
    if (token !== undefined && "what" in token) {
      keep(kept, [...own, ...moved.flatMap((move) => move.uses)], token);
    } else if (token !== undefined) {
      jobs.set(job.id, { job, users, token });
    }
  }
  return jobs;
}

/** Keeps what an anchor shares between jobs that would need different texts there. */
function keepTorn(uses: readonly StepUse[], outputs: ReadonlyMap<string, string>, kept: Kept): void {
  for (const group of groupBy(uses, ({ start }) => String(start))) {
    if (new Set(group.map(({ place }) => outputs.get(place.job))).size > 1) {
      const what = "is shared through an anchor by jobs that name the token's step otherwise";
      keep(kept, group, { what, repair: "give these steps the same id and run again" });
    }
  }
}

/** Uses in one variable of an `env` above the steps belong together. */
function variableOf({ place }: SecretUse): string | undefined {
  return place.kind === "workflow env" || place.kind === "job env"
    ? JSON.stringify([place.kind === "job env" ? place.job : "", place.variable])
    : undefined;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string | undefined): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== undefined) {
      groups.set(key, [...(groups.get(key) ?? []), item]);
    }
  }
  return [...groups.values()];
}

/** A reminder goes with the use behind it (or, behind the last one, with that); it stays with one that is left. */
function doneReminders(
  workflow: Workflow,
  uses: readonly SecretUse[],
  left: readonly Left[],
  edits: readonly Edit[],
): Edit[] {
  const inOrder = uses.toSorted((a, b) => a.line - b.line);
  const isLeft = (line: number): boolean => {
    const meant = inOrder.find((use) => use.line >= line) ?? inOrder.at(-1);
    return meant !== undefined && left.some(({ use }) => use.line === meant.line);
  };
  const isGone = (at: number): boolean => edits.some(({ start, end }) => start <= at && at < end);
  return reminders(workflow)
    .filter(({ line, start }) => !isLeft(line) && !isGone(start))
    .map(({ start, end }) => ({ start, end, text: "" }));
}
