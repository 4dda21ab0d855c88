/** The App about itself and its installations (by JSON web token), what others see of it, and the tokens of an installation. */
import { randomInt } from "node:crypto";
import { serverValue, type Credential, type Credentials } from "../access/credentials.js";
import { forbidden, invalid, notForIntegration, notFound } from "../http/errors.js";
import { created, noContent, ok } from "../http/reply.js";
import { route } from "../http/route.js";
import { installation, integration } from "../shapes/app.js";
import { repository } from "../shapes/repository.js";
import { stamp } from "../state/time.js";
import type { State } from "../state/state.js";
import type { App, Installation, Permissions } from "../state/types.js";

const HOUR_MS = 60 * 60 * 1000;

function appOf(caller: Credential): App {
  if (caller.kind !== "app") throw notForIntegration();
  return caller.app;
}

const own = (state: State, app: App): Installation[] => state.installations.filter((one) => one.app === app);

function find(state: State, caller: Credential, fits: (one: Installation) => boolean): Installation {
  const found = own(state, appOf(caller)).find(fits);
  if (!found) throw notFound();
  return found;
}

const self = route("get", "/app", { kind: "app" }, ({ caller, state, api }) => {
  const app = appOf(caller);
  return ok(integration(api, app, own(state, app).length));
});

/**
 * A private App is shown to tokens of its own installations and to its owner's (docs.github.com, "Get an app"). What a
 * token of another App gets is not documented; here it is 404.
 */
const bySlug = route("get", "/apps/{app_slug}", { kind: "anyone" }, ({ caller, state, api, params }) => {
  const found = state.apps.find((each) => each.slug === params.app_slug);
  const ofUser = caller.kind === "classic" || caller.kind === "fine-grained";
  const shown =
    (caller.kind === "installation" && caller.installation.app === found) ||
    (ofUser && found !== undefined && (found.owner === caller.user || found.owner.type === "Organization"));
  if (!found || !shown) throw notFound();
  return ok(integration(api, found, own(state, found).length));
});

const one = route("get", "/app/installations/{installation_id}", { kind: "app" }, ({ caller, state, api, params }) =>
  ok(
    installation(
      api,
      find(state, caller, (each) => String(each.id) === params.installation_id),
    ),
  ),
);

const ofRepository = route(
  "get",
  "/repos/{owner}/{repo}/installation",
  { kind: "app" },
  ({ caller, state, api, params }) => {
    const wanted = state.repository(params.owner, params.repo);
    const found = find(state, caller, (each) => wanted !== undefined && state.covered(each).includes(wanted));
    return ok(installation(api, found));
  },
);

const ofAccount = (state: State, caller: Credential, login: string, type: "Organization" | "User"): Installation =>
  find(state, caller, ({ account }) => account.type === type && account.login.toLowerCase() === login.toLowerCase());

const ofOrganization = route("get", "/orgs/{org}/installation", { kind: "app" }, ({ caller, state, api, params }) =>
  ok(installation(api, ofAccount(state, caller, params.org, "Organization"))),
);

const ofUser = route("get", "/users/{username}/installation", { kind: "app" }, ({ caller, state, api, params }) =>
  ok(installation(api, ofAccount(state, caller, params.username, "User"))),
);

/** What a token may do: what was asked for, when the installation has it; all of it when nothing was. */
function granted(asked: unknown, held: Permissions): Permissions {
  if (asked === undefined) return held;
  const wanted = asked as Record<string, string>;
  for (const [name, level] of Object.entries(wanted)) {
    const have = (held as Record<string, string | undefined>)[name];
    const enough = have === level || have === "admin" || (have === "write" && level === "read");
    if (!enough && !(name === "metadata" && level === "read")) {
      throw invalid("The permissions requested are not granted to this installation.");
    }
  }
  return wanted;
}

/** Which repositories a token is for: by id or by name; undefined for all of the installation. */
function chosen(state: State, from: Installation, body: Record<string, unknown>): Set<number> | undefined {
  const names = body.repositories as string[] | undefined;
  const ids = body.repository_ids as number[] | undefined;
  if (!names && !ids) return undefined;
  const covered = state.covered(from);
  const found = [
    ...(names ?? []).map((name) => covered.find((each) => each.name.toLowerCase() === name.toLowerCase())),
    ...(ids ?? []).map((id) => covered.find((each) => each.id === id)),
  ];
  return new Set(
    found.map((each) => {
      if (!each) {
        throw invalid(
          "There is at least one repository that does not exist or is not accessible to the parent installation.",
        );
      }
      return each.id;
    }),
  );
}

/** Tokens need the store of credentials, so these routes are made with it. */
export const appRoutes = (credentials: Credentials) => [
  self,
  bySlug,
  one,
  ofRepository,
  ofOrganization,
  ofUser,
  route(
    "post",
    "/app/installations/{installation_id}/access_tokens",
    { kind: "app" },
    ({ caller, state, api, params, body }) => {
      const from = find(state, caller, (each) => String(each.id) === params.installation_id);
      if (from.suspended) throw forbidden("This installation has been suspended");
      const permissions = granted(body.permissions, { metadata: "read", ...from.permissions });
      const only = chosen(state, from, body);
      const expiresAt = state.milliseconds() + HOUR_MS;
      const issued = credentials.add({
        kind: "installation",
        value: serverValue(from.app.id),
        revoked: false,
        expiresAt,
        installation: from,
        permissions,
        ...(only ? { repositories: only } : {}),
      });
      return created({
        token: issued.value,
        expires_at: stamp(new Date(expiresAt)),
        permissions,
        repository_selection: only ? "selected" : from.selection,
        ...(only
          ? {
              repositories: state
                .covered(from)
                .filter((each) => only.has(each.id))
                .map((each) => repository(api, each)),
            }
          : {}),
      });
    },
  ),
  route("delete", "/installation/token", { kind: "installation" }, ({ caller }) => {
    if ("value" in caller) credentials.revoke(caller.value);
    return noContent();
  }),
];

/** A number for a made-up App or installation id, in the range of today's. */
export const appNumber = (): number => randomInt(1_000_000, 9_999_999);
