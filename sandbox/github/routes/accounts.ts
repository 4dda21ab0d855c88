/** Users and organizations, and the limits of the caller. */
import { actor } from "../access/credentials.js";
import { notForIntegration, notFound } from "../http/errors.js";
import { ok } from "../http/reply.js";
import { route } from "../http/route.js";
import { organization, privateUser, publicUser } from "../shapes/account.js";
import type { State } from "../state/state.js";
import type { Account } from "../state/types.js";

function owned(state: State, account: Account): { public: number; private: number } {
  const all = state.repositories.filter((one) => one.owner.id === account.id);
  return { public: all.filter((one) => !one.private).length, private: all.filter((one) => one.private).length };
}

const self = route("get", "/user", { kind: "user" }, ({ caller, state, api }) => {
  const user = actor(caller);
  if (!user) throw notForIntegration();
  return ok(privateUser(api, user, owned(state, user)));
});

const user = route("get", "/users/{username}", { kind: "anyone" }, ({ params, state, api }) => {
  const account = state.account(params.username);
  if (!account) throw notFound();
  return ok(publicUser(api, account, owned(state, account).public));
});

const org = route("get", "/orgs/{org}", { kind: "anyone" }, ({ params, state, api }) => {
  const account = state.account(params.org);
  if (account?.type !== "Organization") throw notFound();
  return ok(organization(api, account, owned(state, account).public));
});

export const accountRoutes = [self, user, org];
