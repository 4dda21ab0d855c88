/** Lists of which little is emulated but who may read them: all but the environments are empty. */
import { nodeId } from "../state/ids.js";
import { stamp } from "../state/time.js";
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

const environments = repositoryRoute("get", "/repos/{owner}/{repo}/environments", "actions", "read", (context) => {
  const { repository, api } = context;
  const all = [...repository.environments.keys()];
  const page = paginate(context, all);
  const shown = page.items.map((name, index) => ({
    id: index + 1,
    node_id: nodeId("EN", index + 1),
    name,
    url: `${api}/repos/${repository.owner.login}/${repository.name}/environments/${encodeURIComponent(name)}`,
    html_url: `https://github.com/${repository.owner.login}/${repository.name}/deployments/${encodeURIComponent(name)}`,
    created_at: stamp(repository.createdAt),
    updated_at: stamp(repository.createdAt),
  }));
  return ok({ total_count: all.length, environments: shown }, page.headers);
});

export const listRoutes = [branches, pulls, runs, environments];
