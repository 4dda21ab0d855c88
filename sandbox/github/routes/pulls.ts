/** Pull requests: enough to propose a branch, once. */
import { invalid, invalidField } from "../http/errors.js";
import { created } from "../http/reply.js";
import { repositoryRoute } from "../http/route.js";
import { pullRequest } from "../shapes/pull.js";
import { openPull } from "../behind.js";
import { author } from "./issues.js";

const create = repositoryRoute("post", "/repos/{owner}/{repo}/pulls", "pull_requests", "write", (context) => {
  const { repository, body, state, api } = context;
  const { head, base, title } = body;
  for (const [field, value] of Object.entries({ head, base, title })) {
    if (typeof value !== "string" || value === "") throw invalidField("PullRequest", field, "missing_field");
  }
  const owner = repository.owner.login;
  if (repository.issues.some((one) => one.state === "open" && one.pull?.head === head && one.pull?.base === base)) {
    throw invalid(`Validation Failed: A pull request already exists for ${owner}:${String(head)}.`);
  }
  const branches = { head: String(head), base: String(base), sha: "0".repeat(40) };
  const text = typeof body.body === "string" ? body.body : null;
  const made = openPull(state, repository, author(context), String(title), text, branches);
  const json = pullRequest(api, repository, made, branches);
  return created(json, { location: json.url });
});

export const pullRoutes = [create];
