/** Issues and their comments: enough to report drift in one and to close it. */
import { actor } from "../access/credentials.js";
import { authenticationRequired, invalidField, notFound } from "../http/errors.js";
import { paginate } from "../http/pages.js";
import { created, ok } from "../http/reply.js";
import { repositoryRoute, type Context } from "../http/route.js";
import { issue, issueComment } from "../shapes/issue.js";
import type { Account, Issue, Repository } from "../state/types.js";

/** The account that writes. */
export function author(context: Pick<Context, "caller">): Account {
  const account = actor(context.caller);
  if (!account) throw authenticationRequired();
  return account;
}

function find(repository: Repository, number: string): Issue {
  const found = repository.issues.find((one) => String(one.number) === number);
  if (!found) throw notFound();
  return found;
}

const names = (labels: unknown): string[] =>
  Array.isArray(labels)
    ? labels.map((one: unknown) => (typeof one === "string" ? one : ((one as { name?: string }).name ?? "")))
    : [];

const list = repositoryRoute("get", "/repos/{owner}/{repo}/issues", "issues", "read", (context) => {
  const { repository, query, api } = context;
  const state = query.get("state") ?? "open";
  const labels = (query.get("labels") ?? "").split(",").filter((label) => label !== "");
  const creator = query.get("creator");
  const all = repository.issues
    .filter((one) => state === "all" || one.state === state)
    .filter((one) => labels.every((label) => one.labels.includes(label)))
    .filter((one) => creator === null || one.user.login.toLowerCase() === creator.toLowerCase());
  const page = paginate(context, all.reverse());
  return ok(
    page.items.map((one) => issue(api, repository, one)),
    page.headers,
  );
});

const create = repositoryRoute("post", "/repos/{owner}/{repo}/issues", "issues", "write", (context) => {
  const { repository, body, state, api } = context;
  if (typeof body.title !== "string" || body.title === "") throw invalidField("Issue", "title", "missing_field");
  const at = state.now();
  const made: Issue = {
    id: state.nextId(),
    number: repository.issues.length + 1,
    title: body.title,
    body: typeof body.body === "string" ? body.body : null,
    state: "open",
    labels: names(body.labels),
    user: author(context),
    comments: [],
    createdAt: at,
    updatedAt: at,
  };
  repository.issues.push(made);
  const json = issue(api, repository, made);
  return created(json, { location: json.url });
});

const get = repositoryRoute("get", "/repos/{owner}/{repo}/issues/{issue_number}", "issues", "read", (context) =>
  ok(issue(context.api, context.repository, find(context.repository, context.params.issue_number))),
);

const update = repositoryRoute("patch", "/repos/{owner}/{repo}/issues/{issue_number}", "issues", "write", (context) => {
  const { repository, body, state, api } = context;
  const found = find(repository, context.params.issue_number);
  if (typeof body.title === "string") found.title = body.title;
  if (typeof body.body === "string") found.body = body.body;
  if (body.labels !== undefined) found.labels = names(body.labels);
  if (body.state === "closed" && found.state === "open") {
    found.state = "closed";
    found.closedAt = state.now();
  } else if (body.state === "open") {
    found.state = "open";
    delete found.closedAt;
  }
  found.updatedAt = state.now();
  return ok(issue(api, repository, found));
});

const listComments = repositoryRoute(
  "get",
  "/repos/{owner}/{repo}/issues/{issue_number}/comments",
  "issues",
  "read",
  (context) => {
    const { repository, api } = context;
    const found = find(repository, context.params.issue_number);
    const page = paginate(context, found.comments);
    return ok(
      page.items.map((one) => issueComment(api, repository, found, one)),
      page.headers,
    );
  },
);

const comment = repositoryRoute(
  "post",
  "/repos/{owner}/{repo}/issues/{issue_number}/comments",
  "issues",
  "write",
  (context) => {
    const { repository, body, state, api } = context;
    const found = find(repository, context.params.issue_number);
    if (typeof body.body !== "string" || body.body === "") throw invalidField("IssueComment", "body", "missing_field");
    const made = { id: state.nextId(), body: body.body, user: author(context), createdAt: state.now() };
    found.comments.push(made);
    found.updatedAt = made.createdAt;
    const json = issueComment(api, repository, found, made);
    return created(json, { location: json.url });
  },
);

const updateComment = repositoryRoute(
  "patch",
  "/repos/{owner}/{repo}/issues/comments/{comment_id}",
  "issues",
  "write",
  (context) => {
    const { repository, params, body, api } = context;
    for (const one of repository.issues) {
      const found = one.comments.find(({ id }) => String(id) === params.comment_id);
      if (found) {
        if (typeof body.body !== "string" || body.body === "") {
          throw invalidField("IssueComment", "body", "missing_field");
        }
        found.body = body.body;
        return ok(issueComment(api, repository, one, found));
      }
    }
    throw notFound();
  },
);

export const issueRoutes = [list, create, get, update, listComments, comment, updateComment];
