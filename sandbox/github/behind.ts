/** Changes behind the program's back: what a person with a browser would do to secrets. */
import { checkName } from "./routes/names.js";
import { required } from "./seed.js";
import { createSealingPair, type State } from "./state/state.js";
import { second, stamp } from "./state/time.js";
import type { Account, Comment, Issue, PullBranches, Repository } from "./state/types.js";

/** A secret as only a stand-in can show it: with its value. Times as GitHub writes them. */
export interface OpenedSecret {
  name: string;
  value: string;
  created_at: string;
  updated_at: string;
}

/** Every secret of a repository, opened, by name. */
export function secretsOf(state: State, owner: string, repo: string): OpenedSecret[] {
  return [...required(state, owner, repo).secrets.values()]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((one) => ({
      name: one.name,
      value: one.value.toString("utf8"),
      created_at: stamp(one.createdAt),
      updated_at: stamp(one.updatedAt),
    }));
}

/**
 * Creates or overwrites a secret. Unless `at` is given, `updated_at` is now, and at least a second after the last
 * change: a person is never as fast as the resolution of the field, a test is. Give `at` for the blind second itself.
 */
export function setSecret(state: State, owner: string, repo: string, name: string, value: string, at?: Date): void {
  const repository = required(state, owner, repo);
  const stored = checkName(name, "Secret");
  const known = repository.secrets.get(stored);
  const earliest = known ? known.updatedAt.getTime() + 1000 : 0;
  const updatedAt = at ? second(at) : new Date(Math.max(state.now().getTime(), earliest));
  repository.secrets.set(stored, {
    name: stored,
    value: Buffer.from(value, "utf8"),
    createdAt: known?.createdAt ?? updatedAt,
    updatedAt,
  });
}

/** Like `setSecret`, for a name that must not exist yet. */
export function addSecret(state: State, owner: string, repo: string, name: string, value: string, at?: Date): void {
  if (required(state, owner, repo).secrets.has(name.toUpperCase())) throw new Error(`secret exists: ${name}`);
  setSecret(state, owner, repo, name, value, at);
}

/** Where a secret stands besides the repository itself. */
export type Elsewhere = { readonly environment: string } | "organization";

/** Creates a secret in an environment, which is made when there is none, or in the organization. */
export function addElsewhere(state: State, owner: string, repo: string, where: Elsewhere, name: string): void {
  const repository = required(state, owner, repo);
  const stored = checkName(name, "Secret");
  const at = state.now();
  const secret = { name: stored, value: Buffer.from("set by hand"), createdAt: at, updatedAt: at };
  if (where === "organization") {
    repository.organizationSecrets.set(stored, secret);
  } else {
    const environment = repository.environments.get(where.environment) ?? new Map<string, typeof secret>();
    repository.environments.set(where.environment, environment.set(stored, secret));
  }
}

/** Deletes it. */
export function deleteElsewhere(state: State, owner: string, repo: string, where: Elsewhere, name: string): void {
  const repository = required(state, owner, repo);
  const secrets =
    where === "organization" ? repository.organizationSecrets : repository.environments.get(where.environment);
  if (!secrets?.delete(name.toUpperCase())) throw new Error(`no such secret: ${name}`);
}

/** Writes a workflow file to the default branch; without a text it is deleted. */
export function setWorkflow(state: State, owner: string, repo: string, name: string, text?: string): void {
  const { workflows } = required(state, owner, repo);
  if (text === undefined) workflows.delete(name);
  else workflows.set(name, text);
}

/** Deletes a secret that must exist. */
export function deleteSecret(state: State, owner: string, repo: string, name: string): void {
  if (!required(state, owner, repo).secrets.delete(name.toUpperCase())) throw new Error(`no such secret: ${name}`);
}

/** Gives the repository a new pair: what was sealed for the old one is refused from now on. Returns the new id. */
export function rotateSealingPair(state: State, owner: string, repo: string): string {
  const repository = required(state, owner, repo);
  repository.sealing = createSealingPair();
  return repository.sealing.id;
}

/** A comment as a reader of the page sees it. */
export interface ShownComment {
  by: string;
  body: string;
  /** The commit it stands at. */
  commit?: string;
}

/** An issue, or a pull request, as a reader of the page sees it. */
export interface ShownIssue {
  number: number;
  title: string;
  body: string;
  state: "open" | "closed";
  by: string;
  isPull: boolean;
  comments: ShownComment[];
}

const shown = ({ body, user, commit }: Comment): ShownComment => ({
  by: user.login,
  body,
  ...(commit === undefined ? {} : { commit }),
});

/** Every issue and pull request of a repository, the first one first. */
export function issuesOf(state: State, owner: string, repo: string): ShownIssue[] {
  return required(state, owner, repo).issues.map((one) => ({
    number: one.number,
    title: one.title,
    body: one.body ?? "",
    state: one.state,
    by: one.user.login,
    isPull: one.pull !== undefined,
    comments: one.comments.map(shown),
  }));
}

/** Every comment at a commit of a repository, the first one first. */
export function commitCommentsOf(state: State, owner: string, repo: string): ShownComment[] {
  return required(state, owner, repo).commitComments.map(shown);
}

/** Opens a pull request. */
export function openPull(
  state: State,
  repository: Repository,
  user: Account,
  title: string,
  body: string | null,
  pull: PullBranches,
): Issue {
  const at = state.now();
  const made: Issue = {
    id: state.nextId(),
    number: repository.issues.length + 1,
    title,
    body,
    state: "open",
    labels: [],
    user,
    comments: [],
    createdAt: at,
    updatedAt: at,
    pull,
  };
  repository.issues.push(made);
  return made;
}

/** Somebody writes below an issue or a pull request. */
export function addComment(state: State, owner: string, repo: string, number: number, by: string, body: string): void {
  const found = required(state, owner, repo).issues.find((one) => one.number === number);
  if (!found) throw new Error(`no such issue: ${number}`);
  found.comments.push({ id: state.nextId(), body, user: state.ensureAccount(by, "User"), createdAt: state.now() });
}
