/** Pull requests: an issue with two branches. */
import { nodeId } from "../state/ids.js";
import type { Issue, PullBranches, Repository, Schema } from "../state/types.js";
import { simpleUser } from "./account.js";
import { issue } from "./issue.js";
import { repository as repositoryShape } from "./repository.js";

export function pullRequest(
  api: string,
  repository: Repository,
  one: Issue,
  { head, base, sha }: PullBranches,
): Schema<"pull-request"> {
  const parent = `${api}/repos/${repository.owner.login}/${repository.name}`;
  const url = `${parent}/pulls/${one.number}`;
  const html = `https://github.com/${repository.owner.login}/${repository.name}/pull/${one.number}`;
  const { title, state, body, created_at, updated_at, closed_at, comments, author_association } = issue(
    api,
    repository,
    one,
  );
  const links = {
    comments: `${parent}/issues/${one.number}/comments`,
    commits: `${url}/commits`,
    statuses: `${parent}/statuses/${sha}`,
    html,
    issue: `${parent}/issues/${one.number}`,
    review_comments: `${url}/comments`,
    review_comment: `${parent}/pulls/comments{/number}`,
    self: url,
  };
  const branch = (ref: string, at: string) => ({
    label: `${repository.owner.login}:${ref}`,
    ref,
    repo: repositoryShape(api, repository),
    sha: at,
    user: simpleUser(api, repository.owner),
  });
  return {
    url,
    id: one.id,
    node_id: nodeId("PR", one.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: links.issue,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    number: one.number,
    state: state === "closed" ? "closed" : "open",
    locked: false,
    title,
    user: simpleUser(api, one.user),
    body: body ?? null,
    labels: [],
    milestone: null,
    active_lock_reason: null,
    created_at,
    updated_at,
    closed_at,
    merged_at: null,
    merge_commit_sha: null,
    assignee: null,
    head: branch(head, sha),
    base: branch(base, "0".repeat(40)),
    _links: {
      comments: { href: links.comments },
      commits: { href: links.commits },
      statuses: { href: links.statuses },
      html: { href: links.html },
      issue: { href: links.issue },
      review_comments: { href: links.review_comments },
      review_comment: { href: links.review_comment },
      self: { href: links.self },
    },
    author_association: author_association ?? "NONE",
    auto_merge: null,
    draft: false,
    merged: false,
    mergeable: null,
    mergeable_state: "unknown",
    merged_by: null,
    comments,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: 1,
    additions: 0,
    deletions: 0,
    changed_files: 1,
  };
}
