import { conditionValue, covers, expressionOf, jointCondition } from "./condition.js";
import { aboveComments, column, type Edit, insertLines, lineAt, nextLine } from "./edits.js";
import { lift } from "./lift.js";
import { hasName, repositoriesIn } from "./repositories.js";
import { endOf, entriesOf, entry, indentationOf, type Job, type Step, textOf, type Workflow } from "./workflow.js";

/** Whose App it is, and where it is installed. */
export interface App {
  readonly owner: string;
  readonly repositories: readonly string[];
}

/** What a person has to do where this program must not decide. */
export interface Reason {
  readonly what: string;
  readonly repair: string;
}

export const APP_ID_SECRET = "P24_BOT_APP_ID";
export const PRIVATE_KEY_SECRET = "P24_BOT_PRIVATE_KEY";

const ACTION = "actions/create-github-app-token";
/**
 * The commit of the tag v3.1.1 (and of v3, when this was written). Its `client-id` takes the App's number as well: the
 * action hands either input to `createAppAuth({ appId })` (its main.js and lib/main.js), and GitHub takes both as the issuer.
 */
const PINNED = { commit: "1b10c78c7865c340bc4f6099eb2f838309f1e8c3", version: "v3.1.1" };

/** How a job gets the App's token. */
export interface JobToken {
  /** The id of the step that makes it. */
  readonly id: string;
  /** What has to change so that there is such a step; empty when there is one. */
  readonly edits: readonly Edit[];
  /** Repositories beyond the App's own that the job names: the App has to be installed there too. */
  readonly beyond: readonly string[];
  /** Whether the step is put in: then the workflow needs the App's secrets. */
  readonly isNew: boolean;
}

/**
 * Finds the step of a job that makes the App's token before the first of `users`, or plans one. `users` are the steps that
 * need the token, in order, at least one.
 */
export function tokenOf(workflow: Workflow, job: Job, users: readonly Step[], app: App): JobToken | Reason {
  const named = repositoriesIn(workflow, users, app.owner);
  const beyond = named.filter((name) => !hasName(app.repositories, name));
  const existing = job.steps.filter((step) => isOurs(workflow, step, app.owner));
  const answers = existing.map((step) => reuse(workflow, job, step, users, named));
  const usable = answers.find((answer) => "id" in answer) ?? answers[0];
  if (usable !== undefined) {
    return usable;
  }
  const id = freeId(workflow, job);
  return { id, edits: [insertStep(workflow, job, users, id, app, beyond)], beyond, isNew: true };
}

/** Whether a step makes an App's token for the owner's repositories. */
function isOurs(workflow: Workflow, { map }: Step, owner: string): boolean {
  const uses = textOf(entry(workflow, map, "uses")?.value) ?? "";
  const its = textOf(entry(workflow, entry(workflow, map, "with")?.value, "owner")?.value) ?? owner;
  return (
    uses.toLowerCase().startsWith(`${ACTION}@`) &&
    (its.toLowerCase() === owner.toLowerCase() || its.includes("github.repository_owner"))
  );
}

function reuse(
  workflow: Workflow,
  job: Job,
  step: Step,
  users: readonly Step[],
  repositories: readonly string[],
): JobToken | Reason {
  const [first] = users;
  const its = `the step ${nameOf(workflow, step)}`;
  if (users.includes(step)) {
    return {
      what: `is used by ${its} itself, which makes the App's token`,
      repair: "take it out there, and run again",
    };
  }
  const made = conditionOf(workflow, step);
  if (!users.every((user) => covers(made, conditionOf(workflow, user)))) {
    const repair = "take the `if` off that step, or give it one that covers this step's, and run again";
    return { what: `would need the token of ${its}, which is made under another condition`, repair };
  }
  const missing = repositories.filter((name) => !reaches(workflow, step, name));
  if (missing.length > 0) {
    const repair = `add ${missing.join(", ")} to its \`repositories\` and run again`;
    return { what: `would need the token of ${its}, which is for other repositories`, repair };
  }
  const named = textOf(entry(workflow, step.map, "id")?.value);
  if (named === undefined && (step.isFlow || step.isShared)) {
    return { what: `would need the token of ${its}, which has no id`, repair: "give it one, run again" };
  }
  const id = named ?? freeId(workflow, job);
  const given = named === undefined ? insertId(workflow, step, id) : undefined;
  if (first !== undefined && first.index > step.index) {
    return { id, edits: given === undefined ? [] : [given], beyond: [], isNew: false };
  }
  const lifted =
    first === undefined ? undefined : lift(workflow, step, first, isSeparated(workflow.text, job, first), given);
  return lifted === undefined
    ? { what: `is used before ${its}, which makes the App's token`, repair: "move that step up, and run again" }
    : { id, edits: lifted, beyond: [], isNew: false };
}

/** What a person knows a step by. */
function nameOf(workflow: Workflow, { map, index }: Step): string {
  const [named] = ["id", "name"].flatMap((key) => textOf(entry(workflow, map, key)?.value) ?? []);
  return named ?? `number ${String(index + 1)} of the job`;
}

function conditionOf(workflow: Workflow, { map }: Step): string | undefined {
  return expressionOf(textOf(entry(workflow, map, "if")?.value));
}

/** Whether the token of a step that is there reaches a repository. Without any list it is for the workflow's own. */
function reaches(workflow: Workflow, { map }: Step, name: string): boolean {
  const its = entry(workflow, map, "with")?.value;
  const listed = textOf(entry(workflow, its, "repositories")?.value);
  if (listed === undefined) {
    return entry(workflow, its, "owner") !== undefined;
  }
  const names = listed.split(/[\n,]+/).map((one) => one.trim().split("/").at(-1) ?? "");
  return listed.includes("${{") || hasName(names, name);
}

function freeId(workflow: Workflow, job: Job): string {
  const taken = new Set(
    job.steps.map(({ map }) => textOf(entry(workflow, map, "id")?.value)?.toLowerCase()).filter(Boolean),
  );
  const names = ["app-token", "p24-app-token"];
  for (let count = 2; ; count += 1) {
    const [free] = names.filter((name) => !taken.has(name));
    if (free !== undefined) {
      return free;
    }
    names.push(`p24-app-token-${String(count)}`);
  }
}

function insertId({ text, ...workflow }: Workflow, step: Step, id: string): Edit {
  const uses = entry(workflow, step.map, "uses");
  const behind = nextLine(text, uses?.value === undefined ? step.start : endOf(uses.value));
  return insertLines(text, behind, [`${" ".repeat(column(text, uses?.start ?? step.start))}id: ${id}`]);
}

function insertStep(
  workflow: Workflow,
  job: Job,
  users: readonly Step[],
  id: string,
  app: App,
  beyond: readonly string[],
): Edit {
  const [first] = users as [Step];
  const condition = jointCondition(users.map((user) => conditionOf(workflow, user)));
  const mayFail = users.every(({ map }) => entry(workflow, map, "continue-on-error")?.value?.toString() === "true");
  const parts: Parts = {
    id,
    owner: app.owner,
    repositories: [...app.repositories, ...beyond].join(","),
    condition: condition === undefined ? undefined : conditionValue(condition),
    mayFail,
  };
  const { text } = workflow;
  if (text[first.start] !== "-") {
    return { start: first.start, end: first.start, text: `${inFlow(parts)}, ` };
  }
  const at = aboveComments(text, first.start, column(text, first.start));
  const lines = inLines(parts, {
    dash: column(text, first.start),
    keys: behindDash(workflow, first),
    nested: indentationOf(workflow),
  });
  return insertLines(text, at, isSeparated(text, job, first) ? [...lines, ""] : lines);
}

/** Columns from a step's dash to its keys. */
function behindDash(workflow: Workflow, { map, start, isFlow }: Step): number {
  const [first] = entriesOf(workflow, map);
  const found = first === undefined || isFlow ? 2 : column(workflow.text, first.start) - column(workflow.text, start);
  return Math.max(found, 2);
}

interface Parts {
  readonly id: string;
  readonly owner: string;
  readonly repositories: string;
  readonly condition: string | undefined;
  readonly mayFail: boolean;
}

function inLines(
  { id, owner, repositories, condition, mayFail }: Parts,
  { dash, keys, nested }: { dash: number; keys: number; nested: number },
): string[] {
  const [item, key] = [`${" ".repeat(dash)}-${" ".repeat(keys - 1)}`, " ".repeat(dash + keys)];
  const input = key + " ".repeat(nested);
  return [
    `${item}uses: ${ACTION}@${PINNED.commit} # ${PINNED.version}`,
    `${key}id: ${id}`,
    ...(condition === undefined ? [] : [`${key}if: ${condition}`]),
    ...(mayFail ? [`${key}continue-on-error: true`] : []),
    `${key}with:`,
    `${input}client-id: \${{ secrets.${APP_ID_SECRET} }}`,
    `${input}private-key: \${{ secrets.${PRIVATE_KEY_SECRET} }}`,
    `${input}owner: ${owner}`,
    `${input}repositories: ${repositories}`,
  ];
}

/** On one line no comment can name the version. */
function inFlow({ id, owner, repositories, condition, mayFail }: Parts): string {
  const quoted = condition?.startsWith("'") === true ? condition : `"${condition ?? ""}"`;
  const more = (condition === undefined ? "" : ` if: ${quoted},`) + (mayFail ? " continue-on-error: true," : "");
  const inputs = [
    `client-id: "\${{ secrets.${APP_ID_SECRET} }}"`,
    `private-key: "\${{ secrets.${PRIVATE_KEY_SECRET} }}"`,
    `owner: ${owner}`,
    `repositories: "${repositories}"`,
  ];
  return `{ uses: ${ACTION}@${PINNED.commit}, id: ${id},${more} with: { ${inputs.join(", ")} } }`;
}

/** Whether the file's author puts an empty line between the steps here. */
function isSeparated(text: string, { steps }: Job, before: Step): boolean {
  const step = before.index === 0 ? steps[1] : before;
  const at =
    step === undefined || text[step.start] !== "-" ? 0 : aboveComments(text, step.start, column(text, step.start));
  return at > 0 && lineAt(text, at - 1).trim() === "";
}
