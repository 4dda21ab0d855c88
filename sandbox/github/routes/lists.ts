/** Lists of which nothing is emulated but who may read them: they are empty. */
import { paginate } from "../http/pages.js";
import { ok } from "../http/reply.js";
import { repositoryRoute } from "../http/route.js";

const branches = repositoryRoute("get", "/repos/{owner}/{repo}/branches", "contents", "read", (context) =>
  ok([], paginate(context, []).headers),
);

const pulls = repositoryRoute("get", "/repos/{owner}/{repo}/pulls", "pull_requests", "read", (context) =>
  ok([], paginate(context, []).headers),
);

const runs = repositoryRoute("get", "/repos/{owner}/{repo}/actions/runs", "actions", "read", (context) =>
  ok({ total_count: 0, workflow_runs: [] }, paginate(context, []).headers),
);

export const listRoutes = [branches, pulls, runs];
