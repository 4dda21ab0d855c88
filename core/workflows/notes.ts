import type { Scalar } from "yaml";

import type { Reason } from "./appStep.js";
import { APP_SECRETS, callsOf } from "./calls.js";
import { replaceUses, secretUses } from "./consumers.js";
import { applyEdits } from "./edits.js";
import type { Plans } from "./interfaces.js";
import { limitsOf } from "./limits.js";
import type { Plan } from "./plan.js";
import { endOf, entriesOf, entry, leavesOf, startOf, type Step, textOf, type Workflow } from "./workflow.js";

/** Something to look at, and where. */
export interface Note {
  readonly workflow: Workflow;
  readonly offset: number;
  readonly reason: Reason;
}

/** What may behave otherwise with the App's token, and what this program could not look into. */
export function notesOf(plans: Plans, all: readonly Workflow[]): Note[] {
  return [
    ...plans.plans.flatMap((plan) => [...jobNotes(plan), ...fallbackNotes(plan)]),
    ...plans.changed.map((workflow) => ({ workflow, offset: declarationOf(workflow), reason: NEW_INTERFACE })),
    ...all.flatMap((workflow) => [...opaqueNotes(workflow), ...inheritNotes(workflow, all)]),
  ];
}

const NEW_INTERFACE: Reason = {
  what: "declares other secrets for its callers than before",
  repair: `callers in other repositories have to hand over ${APP_SECRETS.join(" and ")} now`,
};

/** Minutes that an installation token lives. GitHub's documentation, "Generating an installation access token". */
const LIFETIME = 60;

function jobNotes({ workflow, jobs }: Plan): Note[] {
  return [...jobs.values()].flatMap(({ job, users, token }) => {
    const timeout = entry(workflow, job.map, "timeout-minutes");
    const isLong = Number((timeout?.value as { value?: unknown } | undefined)?.value) > LIFETIME;
    const [first] = users as readonly [Step];
    return [
      ...(isLong ? [{ workflow, offset: timeout?.start ?? 0, reason: TOO_LONG }] : []),
      ...token.beyond.map((name) => ({
        workflow,
        offset: first.start,
        reason: {
          what: `needs ${name}, which is not among the repositories of the settings`,
          repair: "install the App there; until then the token's step fails",
        },
      })),
      ...users.flatMap((step) =>
        limitsOf(scriptOf(workflow, step)).map((reason) => ({ workflow, offset: step.start, reason })),
      ),
      ...job.steps
        .filter(({ map }) => textOf(entry(workflow, map, "id")?.value) === token.id)
        .filter(({ map }) => limits(workflow, map))
        .map(({ start }) => ({ workflow, offset: start, reason: LIMITED })),
    ];
  });
}

const TOO_LONG: Reason = {
  what: `may take more than ${String(LIFETIME)} minutes; the App's token lives so long`,
  repair: "look whether a step uses it later than that after the token's step",
};

const LIMITED: Reason = {
  what: "makes a token with fewer permissions than the App has; it is used for more than before",
  repair: "look whether they suffice",
};

function limits(workflow: Workflow, step: unknown): boolean {
  return entriesOf(workflow, entry(workflow, step, "with")?.value).some(({ key }) => key.startsWith("permission-"));
}

function scriptOf(workflow: Workflow, { map }: Step): string {
  return leavesOf(workflow, map)
    .map(({ scalar }) => scalar.value)
    .join("\n");
}

/** `secrets.GH_PAT || github.token` lets a run without the secret go on; the token's step does not. */
function fallbackNotes({ workflow, replaced }: Plan): Note[] {
  return replaced
    .filter(({ scalar }) => hasFallback(workflow, scalar, replaced))
    .map(({ start }) => ({ workflow, offset: start, reason: FALLBACK }));
}

/** Whether a `||` is left in a scalar once the tokens in it are one. */
function hasFallback({ text }: Workflow, scalar: Scalar, replaced: Plan["replaced"]): boolean {
  const [start, end] = [startOf(scalar), endOf(scalar)];
  const edits = replaceUses(
    text,
    replaced.filter((use) => use.scalar === scalar),
    "x",
  );
  const within = edits.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
  return applyEdits(text.slice(start, end), within).includes("||");
}

const FALLBACK: Reason = {
  what: "falls back to something else where the secret is absent",
  repair: "where the App's secrets are absent too (forks), the token's step fails: give it an `if` if that matters",
};

function opaqueNotes(workflow: Workflow): Note[] {
  return secretUses(workflow)
    .filter(({ name }) => name === undefined)
    .map(({ start }) => ({ workflow, offset: start, reason: OPAQUE }));
}

const OPAQUE: Reason = {
  what: "takes all secrets, or one by a computed name",
  repair: "look whether a personal token is among them",
};

function inheritNotes(workflow: Workflow, all: readonly Workflow[]): Note[] {
  return callsOf(workflow)
    .filter(({ secrets, target }) => secrets === "inherit" && !all.some(({ path }) => path === target))
    .map(({ job }) => ({
      workflow,
      offset: entry(workflow, job.map, "secrets")?.start ?? 0,
      reason: {
        what: "hands all secrets to a workflow that is not in this checkout",
        repair: "run p24 workflows migrate in that repository too",
      },
    }));
}

function declarationOf(workflow: Workflow): number {
  return entry(workflow, workflow.root, "on")?.start ?? 0;
}
