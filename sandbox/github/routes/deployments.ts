/** Deployments of a repository, newest first. */
import { notFound } from "../http/errors.js";
import { paginate } from "../http/pages.js";
import { ok } from "../http/reply.js";
import { repositoryRoute } from "../http/route.js";
import { deployment, deploymentStatus } from "../shapes/deployment.js";
import type { Deployment, Repository } from "../state/types.js";

const list = repositoryRoute("get", "/repos/{owner}/{repo}/deployments", "deployments", "read", (context) => {
  const { repository, query, api } = context;
  const asked = (name: "sha" | "ref" | "environment", one: Deployment): boolean =>
    !query.has(name) || query.get(name) === one[name];
  const all = repository.deployments.filter(
    (one) =>
      asked("sha", one) &&
      asked("ref", one) &&
      asked("environment", one) &&
      (query.get("task") ?? "deploy") === "deploy",
  );
  const page = paginate(context, all.reverse());
  return ok(
    page.items.map((one) => deployment(api, repository, one)),
    page.headers,
  );
});

function find(repository: Repository, id: string): Deployment {
  const found = repository.deployments.find((one) => String(one.id) === id);
  if (!found) throw notFound();
  return found;
}

const get = repositoryRoute(
  "get",
  "/repos/{owner}/{repo}/deployments/{deployment_id}",
  "deployments",
  "read",
  ({ repository, params, api }) => ok(deployment(api, repository, find(repository, params.deployment_id))),
);

const statuses = repositoryRoute(
  "get",
  "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
  "deployments",
  "read",
  (context) => {
    const { repository, api } = context;
    const found = find(repository, context.params.deployment_id);
    const page = paginate(context, found.statuses);
    return ok(
      page.items.map((status) => deploymentStatus(api, repository, found, status)),
      page.headers,
    );
  },
);

export const deploymentRoutes = [list, get, statuses];
