/** Comments at commits. */
import { invalid, invalidField, notFound } from "../http/errors.js";
import { paginate } from "../http/pages.js";
import { created, ok } from "../http/reply.js";
import { repositoryRoute } from "../http/route.js";
import { commitComment } from "../shapes/issue.js";
import { author } from "./issues.js";

const list = repositoryRoute(
  "get",
  "/repos/{owner}/{repo}/commits/{commit_sha}/comments",
  "contents",
  "read",
  (context) => {
    const { repository, params, api } = context;
    const page = paginate(
      context,
      repository.commitComments.filter((one) => one.commit === params.commit_sha),
    );
    return ok(
      page.items.map((one) => commitComment(api, repository, one)),
      page.headers,
    );
  },
);

/** The stand-in holds no commits: any full object name counts as one. */
const create = repositoryRoute(
  "post",
  "/repos/{owner}/{repo}/commits/{commit_sha}/comments",
  "contents",
  // The published list says read; what people run into is that it takes write (cpp-linter's and peter-evans' documents).
  "write",
  (context) => {
    const { repository, params, body, state, api } = context;
    if (!/^[0-9a-f]{40}$/.test(params.commit_sha)) throw invalid(`No commit found for SHA: ${params.commit_sha}`);
    if (typeof body.body !== "string" || body.body === "") throw invalidField("CommitComment", "body", "missing_field");
    const made = {
      id: state.nextId(),
      body: body.body,
      user: author(context),
      createdAt: state.now(),
      commit: params.commit_sha,
    };
    repository.commitComments.push(made);
    const json = commitComment(api, repository, made);
    return created(json, { location: json.url });
  },
);

const update = repositoryRoute(
  "patch",
  "/repos/{owner}/{repo}/comments/{comment_id}",
  "contents",
  "write",
  (context) => {
    const { repository, params, body, api } = context;
    const found = repository.commitComments.find(({ id }) => String(id) === params.comment_id);
    if (!found) throw notFound();
    if (typeof body.body !== "string" || body.body === "") throw invalidField("CommitComment", "body", "missing_field");
    found.body = body.body;
    return ok(commitComment(api, repository, found));
  },
);

export const commitCommentRoutes = [list, create, update];
