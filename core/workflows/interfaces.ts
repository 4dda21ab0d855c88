import type { App, Reason } from "./appStep.js";
import {
  APP_SECRETS,
  type Call,
  callsOf,
  declarations,
  declaredSecrets,
  handOver,
  isPersonal,
  isEditableMap,
  isWhole,
  personalNames,
  redeclare,
} from "./calls.js";
import type { SecretUse } from "./consumers.js";
import type { Edit } from "./edits.js";
import { type Left, type Plan, planWorkflow } from "./plan.js";
import { entry, type Entry, type Workflow } from "./workflow.js";

/** The plans of all workflows, fitted to each other. */
export interface Plans {
  readonly plans: readonly Plan[];
  /** By workflow: the changes of the secrets that it declares or hands over. */
  readonly edits: ReadonlyMap<string, readonly Edit[]>;
  /** Uses in `secrets:` of calls that are replaced, and those that are left. */
  readonly replaced: ReadonlyMap<string, readonly SecretUse[]>;
  readonly left: ReadonlyMap<string, readonly Left[]>;
  /** Called workflows whose callers have to hand over something else than before. */
  readonly changed: readonly Workflow[];
}

/**
 * Plans all workflows of a checkout. A step's output does not reach a called workflow, so a called one makes its own token:
 * in place of the personal token it declares the App's secrets, and every caller hands them over. Where not all of that can
 * be done, because a caller is not here or a use must stay, nothing of it is.
 */
export function planAll(workflows: readonly Workflow[], always: ReadonlySet<string>, app: App): Plans {
  const calls = workflows.flatMap(callsOf);
  const personal = personalNames(workflows, calls, always);
  const blocked = new Map<string, Reason>();
  for (;;) {
    const before = blocked.size;
    const plans = workflows.map((workflow) =>
      planWorkflow(workflow, namesOf(personal, workflow), app, blocked.get(workflow.path)),
    );
    const changed = withNewInterface(plans, calls, personal);
    for (const workflow of changed.keys()) {
      const reason = obstacle(workflow, plans, calls, personal, blocked);
      if (reason !== undefined) {
        blocked.set(workflow.path, reason);
      }
    }
    if (blocked.size === before) {
      return { plans, changed: [...changed.keys()], ...fitted(plans, calls, changed, personal, blocked) };
    }
  }
}

type Personal = ReadonlyMap<string, ReadonlySet<string>>;

function namesOf(personal: Personal, { path }: Workflow): ReadonlySet<string> {
  return personal.get(path) ?? new Set();
}

/** Called workflows that declare other secrets from now on; `true` for those that have to be given the App's. */
type Changed = ReadonlyMap<Workflow, boolean>;

/**
 * The called workflows that declare their secrets, and do not need one of them any more: those in which a token was
 * replaced, and those that handed one on. They need the App's secrets when they make a token with them, or hand them on.
 */
function withNewInterface(plans: readonly Plan[], calls: readonly Call[], personal: Personal): Changed {
  const changed = new Map<Workflow, boolean>();
  for (let before = ""; before !== state(changed);) {
    before = state(changed);
    for (const { workflow, jobs, replaced } of plans) {
      const declared = declaredSecrets(workflow);
      const handsOn = calls.filter(
        (call) =>
          call.caller === workflow &&
          call.secrets !== "inherit" &&
          [...changed.keys()].some(({ path }) => path === call.target) &&
          call.secrets.some(({ key }) => isHandedOver(call, key, personal)),
      );
      const makes = [...jobs.values()].some(({ token }) => token.isNew);
      const givesUp = replaced.some(({ name }) => declared?.some(({ key }) => key.toUpperCase() === name) === true);
      if (declared !== undefined && (makes || givesUp || handsOn.length > 0)) {
        const needed = handsOn.some(({ target }) => [...changed].some(([{ path }, adds]) => path === target && adds));
        changed.set(workflow, makes || needed);
      }
    }
  }
  return changed;
}

function state(changed: Changed): string {
  return JSON.stringify([...changed].map(([{ path }, adds]) => [path, adds]));
}

/** Whether the called workflow knows a secret of a call as a personal token. */
function isHandedOver(call: Call, key: string, personal: Personal): boolean {
  return personal.get(call.target ?? "")?.has(key.toUpperCase()) === true;
}

/** Why a called workflow cannot take the App's secrets in place of the personal token. */
function obstacle(
  workflow: Workflow,
  plans: readonly Plan[],
  calls: readonly Call[],
  personal: Personal,
  blocked: ReadonlyMap<string, Reason>,
): Reason | undefined {
  const declared = declaredSecrets(workflow) ?? [];
  const callers = calls.filter(({ target }) => target === workflow.path);
  const [left] = plans.find((plan) => plan.workflow === workflow)?.left ?? [];
  if (callers.length === 0) {
    const repair = `let its callers hand over ${APP_SECRETS.join(" and ")}, declare them, and run again`;
    return { what: "is handed over by callers that are not in this checkout", repair };
  }
  if (left !== undefined) {
    const repair = `repair ${left.use.keys.join(".")} first, and run again`;
    return { what: "is handed over by a caller, and needed here where it cannot be replaced", repair };
  }
  if (!isEditableMap(workflow, declared, declarations(workflow)?.raw)) {
    return { what: "is declared in a form that cannot be edited", repair: "write `secrets:` in lines and run again" };
  }
  const stuck = callers.find((call) => !canHandOver(call, personal) || blocked.has(call.caller.path));
  return stuck === undefined
    ? undefined
    : {
        what: `is handed over by ${stuck.caller.path}, job ${stuck.job.id}, as something else, or in a form that cannot be edited`,
        repair: `let it hand over ${APP_SECRETS.join(" and ")}, declare them here, and run again`,
      };
}

function canHandOver(call: Call, personal: Personal): boolean {
  const { caller, job, secrets } = call;
  return (
    secrets === "inherit" ||
    (isEditableMap(caller, secrets, entry(caller, job.map, "secrets")?.raw) &&
      secrets
        .filter(({ key }) => isHandedOver(call, key, personal))
        .every((given) => isWhole(given) && isPersonal(caller, given, namesOf(personal, caller))))
  );
}

function fitted(
  plans: readonly Plan[],
  calls: readonly Call[],
  changed: Changed,
  personal: Personal,
  blocked: ReadonlyMap<string, Reason>,
): Omit<Plans, "plans" | "changed"> {
  const edits = new Map<string, Edit[]>();
  const add = (path: string, more: readonly Edit[]) => edits.set(path, [...(edits.get(path) ?? []), ...more]);
  for (const [workflow, adds] of changed) {
    const names = namesOf(personal, workflow);
    add(workflow.path, redeclare(workflow, names, adds));
    for (const call of calls.filter(({ target }) => target === workflow.path)) {
      add(call.caller.path, handOver(call, names, adds));
    }
  }
  const isChanged = ({ target }: Call): boolean => [...changed.keys()].some(({ path }) => path === target);
  const decided = plans.map((plan) => {
    const done: SecretUse[] = [];
    const left: Left[] = [];
    for (const use of plan.calls) {
      const call = calls.find(({ caller, job }) => caller === plan.workflow && isIn(use, job.id));
      if (call !== undefined && isChanged(call) && isGiven(call, use)) {
        done.push(use);
      } else {
        left.push({ use, reason: whyLeft(call, plans, blocked) });
      }
    }
    return [plan.workflow.path, done, left] as const;
  });
  return {
    edits,
    replaced: new Map(decided.map(([path, done]) => [path, done])),
    left: new Map(decided.map(([path, , left]) => [path, left])),
  };
}

function isIn({ place }: SecretUse, job: string): boolean {
  return place.kind === "call" && place.job === job;
}

function isGiven({ secrets }: Call, use: SecretUse): boolean {
  return secrets !== "inherit" && secrets.some(({ value }: Entry) => value === use.scalar);
}

function whyLeft(call: Call | undefined, plans: readonly Plan[], blocked: ReadonlyMap<string, Reason>): Reason {
  const target = plans.find(({ workflow }) => workflow.path === call?.target)?.workflow;
  if (target === undefined) {
    const repair =
      `let the called workflow make the App's token and declare ${APP_SECRETS.join(" and ")}; ` +
      "then hand those over here";
    return { what: "is handed to a workflow that is not in this checkout, where no step's output reaches", repair };
  }
  const reason = blocked.get(target.path);
  return reason === undefined
    ? { what: `is handed to ${target.path}, which does not use it in a step`, repair: "see there; delete both lines" }
    : { what: `is handed to ${target.path}, where it ${reason.what}`, repair: reason.repair };
}
