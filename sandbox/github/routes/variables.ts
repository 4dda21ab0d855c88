/** Actions variables of a repository. */
import { ApiError, invalid, notFound } from "../http/errors.js";
import { paginate } from "../http/pages.js";
import { created, EMPTY, noContent, ok } from "../http/reply.js";
import { repositoryRoute } from "../http/route.js";
import { actionsVariable } from "../shapes/secret.js";
import { checkName } from "./names.js";

const list = repositoryRoute(
  "get",
  "/repos/{owner}/{repo}/actions/variables",
  "actions_variables",
  "read",
  (context) => {
    const all = [...context.repository.variables.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
    const page = paginate(context, all, { usual: 10, most: 30 });
    return ok({ total_count: all.length, variables: page.items.map(actionsVariable) }, page.headers);
  },
);

const create = repositoryRoute(
  "post",
  "/repos/{owner}/{repo}/actions/variables",
  "actions_variables",
  "write",
  ({ repository, body, state }) => {
    const { name: given, value } = body;
    if (typeof given !== "string") throw invalid('Invalid request.\n\n"name" wasn\'t supplied.');
    if (typeof value !== "string") throw invalid('Invalid request.\n\n"value" wasn\'t supplied.');
    const name = checkName(given, "Variable");
    if (repository.variables.has(name)) {
      throw new ApiError(409, { message: "Already exists - Variable already exists", status: "409" });
    }
    const at = state.now();
    repository.variables.set(name, { name, value, createdAt: at, updatedAt: at });
    return created(EMPTY);
  },
);

const get = repositoryRoute(
  "get",
  "/repos/{owner}/{repo}/actions/variables/{name}",
  "actions_variables",
  "read",
  (context) => {
    const variable = context.repository.variables.get(context.params.name.toUpperCase());
    if (!variable) throw notFound();
    return ok(actionsVariable(variable));
  },
);

const update = repositoryRoute(
  "patch",
  "/repos/{owner}/{repo}/actions/variables/{name}",
  "actions_variables",
  "write",
  ({ repository, params, body, state }) => {
    const variable = repository.variables.get(params.name.toUpperCase());
    if (!variable) throw notFound();
    if (typeof body.value === "string") variable.value = body.value;
    variable.updatedAt = state.now();
    return noContent();
  },
);

const remove = repositoryRoute(
  "delete",
  "/repos/{owner}/{repo}/actions/variables/{name}",
  "actions_variables",
  "write",
  ({ repository, params }) => {
    if (!repository.variables.delete(params.name.toUpperCase())) throw notFound();
    return noContent();
  },
);

export const variableRoutes = [list, create, get, update, remove];
