/** Which repositories an installation covers: for its own token to read, for a classic user token to change. */
import type { Credential } from "../access/credentials.js";
import { roleOf } from "../access/permit.js";
import { forbidden, notFound } from "../http/errors.js";
import { paginate } from "../http/pages.js";
import { noContent, ok } from "../http/reply.js";
import { route } from "../http/route.js";
import { installation } from "../shapes/app.js";
import { repository } from "../shapes/repository.js";
import type { State } from "../state/state.js";
import type { Installation, Repository } from "../state/types.js";

function ownRepositories(state: State, caller: Credential): Repository[] {
  if (caller.kind === "workflow") return [caller.repository];
  if (caller.kind !== "installation") return [];
  const only = caller.repositories;
  return state.covered(caller.installation).filter((one) => only === undefined || only.has(one.id));
}

const listOwn = route("get", "/installation/repositories", { kind: "installation" }, (context) => {
  const all = ownRepositories(context.state, context.caller);
  const page = paginate(context, all);
  const { caller, api } = context;
  const whole = caller.kind === "installation" && !caller.repositories && caller.installation.selection === "all";
  return ok(
    {
      total_count: all.length,
      repository_selection: whole ? "all" : "selected",
      repositories: page.items.map((one) => repository(api, one)),
    },
    page.headers,
  );
});

function administered(state: State, caller: Credential): Installation[] {
  if (caller.kind !== "classic") return [];
  const login = caller.user.login;
  return state.installations.filter(
    (one) =>
      one.account.login.toLowerCase() === login.toLowerCase() ||
      state.covered(one).some((covered) => roleOf(covered, login) === "admin"),
  );
}

function find(state: State, caller: Credential, id: string): Installation {
  const found = administered(state, caller).find((one) => String(one.id) === id);
  if (!found) throw notFound();
  return found;
}

const listForUser = route("get", "/user/installations", { kind: "classic" }, (context) => {
  const all = administered(context.state, context.caller);
  const page = paginate(context, all);
  return ok(
    { total_count: all.length, installations: page.items.map((one) => installation(context.api, one)) },
    page.headers,
  );
});

const listCovered = route(
  "get",
  "/user/installations/{installation_id}/repositories",
  { kind: "classic" },
  (context) => {
    const found = find(context.state, context.caller, context.params.installation_id);
    const all = context.state.covered(found);
    const page = paginate(context, all);
    return ok(
      {
        total_count: all.length,
        repository_selection: found.selection,
        repositories: page.items.map((one) => repository(context.api, one)),
      },
      page.headers,
    );
  },
);

/** The installation and the repository of a change, which takes an administrator and a selection by hand. */
function change(state: State, caller: Credential, params: { installation_id: string; repository_id: string }) {
  const found = find(state, caller, params.installation_id);
  const one = state.repositoryById(Number(params.repository_id));
  if (!one || one.owner.id !== found.account.id) throw notFound();
  if (caller.kind !== "classic" || roleOf(one, caller.user.login) !== "admin") {
    throw forbidden("Must have admin rights to Repository.");
  }
  return { found, one };
}

const add = route(
  "put",
  "/user/installations/{installation_id}/repositories/{repository_id}",
  { kind: "classic" },
  ({ state, caller, params }) => {
    const { found, one } = change(state, caller, params);
    found.repositories.add(one.id);
    return noContent();
  },
);

const remove = route(
  "delete",
  "/user/installations/{installation_id}/repositories/{repository_id}",
  { kind: "classic" },
  ({ state, caller, params }) => {
    const { found, one } = change(state, caller, params);
    if (found.selection === "all" || !found.repositories.delete(one.id)) throw notFound();
    return noContent();
  },
);

export const installationRoutes = [listOwn, listForUser, listCovered, add, remove];
