/** Issues, their comments, and comments at commits. */
import { nodeId } from "../state/ids.js";
import { stamp } from "../state/time.js";
import type { Comment, Issue, Repository, Schema } from "../state/types.js";
import { simpleUser } from "./account.js";

const full = (repository: Repository): string => `${repository.owner.login}/${repository.name}`;

/** Whether the user belongs to the repository, as answers say it. */
const association = (repository: Repository, comment: Comment | Issue): Schema<"author-association"> =>
  comment.user.id === repository.owner.id
    ? "OWNER"
    : repository.roles.has(comment.user.login.toLowerCase())
      ? "COLLABORATOR"
      : "NONE";

/** An issue. */
export function issue(api: string, repository: Repository, one: Issue): Schema<"issue"> {
  const parent = `${api}/repos/${full(repository)}`;
  const url = `${parent}/issues/${one.number}`;
  return {
    id: one.id,
    node_id: nodeId("I", one.id),
    url,
    repository_url: parent,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `https://github.com/${full(repository)}/issues/${one.number}`,
    number: one.number,
    state: one.state,
    state_reason: one.state === "closed" ? "completed" : null,
    title: one.title,
    body: one.body,
    user: simpleUser(api, one.user),
    labels: one.labels.map((name) => ({
      name,
      url: `${parent}/labels/${encodeURIComponent(name)}`,
      color: "ededed",
      default: false,
    })),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    active_lock_reason: null,
    comments: one.comments.length,
    ...(one.pull ? { pull_request: pullLinks(api, repository, one) } : {}),
    closed_at: one.closedAt ? stamp(one.closedAt) : null,
    created_at: stamp(one.createdAt),
    updated_at: stamp(one.updatedAt),
    author_association: association(repository, one),
  };
}

/** How a list of issues says that one is a pull request. */
function pullLinks(
  api: string,
  repository: Repository,
  { number }: Issue,
): NonNullable<Schema<"issue">["pull_request"]> {
  const html = `https://github.com/${full(repository)}/pull/${number}`;
  const url = `${api}/repos/${full(repository)}/pulls/${number}`;
  return { url, html_url: html, diff_url: `${html}.diff`, patch_url: `${html}.patch` };
}

/** A comment of an issue. */
export function issueComment(
  api: string,
  repository: Repository,
  parent: Issue,
  one: Comment,
): Schema<"issue-comment"> {
  const url = `${api}/repos/${full(repository)}/issues`;
  return {
    id: one.id,
    node_id: nodeId("IC", one.id),
    url: `${url}/comments/${one.id}`,
    html_url: `https://github.com/${full(repository)}/issues/${parent.number}#issuecomment-${one.id}`,
    issue_url: `${url}/${parent.number}`,
    body: one.body,
    user: simpleUser(api, one.user),
    created_at: stamp(one.createdAt),
    updated_at: stamp(one.createdAt),
    author_association: association(repository, one),
  };
}

/** A comment at a commit. */
export function commitComment(api: string, repository: Repository, one: Comment): Schema<"commit-comment"> {
  const commit = one.commit ?? "";
  return {
    id: one.id,
    node_id: nodeId("CC", one.id),
    url: `${api}/repos/${full(repository)}/comments/${one.id}`,
    html_url: `https://github.com/${full(repository)}/commit/${commit}#commitcomment-${one.id}`,
    body: one.body,
    path: null,
    position: null,
    line: null,
    commit_id: commit,
    user: simpleUser(api, one.user),
    created_at: stamp(one.createdAt),
    updated_at: stamp(one.createdAt),
    author_association: association(repository, one),
  };
}
