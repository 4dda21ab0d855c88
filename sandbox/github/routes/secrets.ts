/** Actions secrets of a repository: values go in sealed and never come out. */
import { invalid, notFound } from "../http/errors.js";
import { paginate } from "../http/pages.js";
import { created, EMPTY, noContent, ok } from "../http/reply.js";
import { repositoryRoute } from "../http/route.js";
import { openSealedBox } from "../sealed-box.js";
import { actionsSecret, publicPart } from "../shapes/secret.js";
import type { Repository, Writes } from "../state/types.js";
import { checkName } from "./names.js";

const MOST_SECRETS = 100;
const MOST_BYTES = 48 * 1024;
/** GitHub's own pattern, as its 422 shows it. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;

/** The counters of one secret. */
export function writesOf(repository: Repository, name: string): Writes {
  const writes = repository.writes.get(name) ?? { created: 0, updated: 0, deleted: 0 };
  repository.writes.set(name, writes);
  return writes;
}

function text(body: Record<string, unknown>, field: string): string {
  const value = body[field];
  if (value === undefined) throw invalid(`Invalid request.\n\n"${field}" wasn't supplied.`);
  if (typeof value !== "string") throw invalid(`Invalid request.\n\nFor '/${field}', the value is not a string.`);
  return value;
}

const list = repositoryRoute("get", "/repos/{owner}/{repo}/actions/secrets", "secrets", "read", (context) => {
  const all = [...context.repository.secrets.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  const page = paginate(context, all);
  return ok({ total_count: all.length, secrets: page.items.map(actionsSecret) }, page.headers);
});

const sealing = repositoryRoute(
  "get",
  "/repos/{owner}/{repo}/actions/secrets/public-key",
  "secrets",
  "read",
  (context) => ok(publicPart(context.repository)),
);

const get = repositoryRoute(
  "get",
  "/repos/{owner}/{repo}/actions/secrets/{secret_name}",
  "secrets",
  "read",
  (context) => {
    const secret = context.repository.secrets.get(context.params.secret_name.toUpperCase());
    if (!secret) throw notFound();
    return ok(actionsSecret(secret));
  },
);

const put = repositoryRoute(
  "put",
  "/repos/{owner}/{repo}/actions/secrets/{secret_name}",
  "secrets",
  "write",
  async ({ repository, params, body, state }) => {
    const name = checkName(params.secret_name, "Secret");
    const sealed = text(body, "encrypted_value");
    const pairId = text(body, "key_id");
    if (!BASE64.test(sealed)) {
      // GitHub repeats the value here. It is ciphertext or a mistake; this stand-in repeats nothing.
      throw invalid(`Invalid request.\n\nencrypted_value does not match ${String(BASE64)}.`);
    }
    const value =
      pairId === repository.sealing.id
        ? await openSealedBox(Buffer.from(sealed, "base64"), repository.sealing)
        : undefined;
    if (value === undefined) throw invalid("Bad request - validation failed due to an improperly encrypted secret");
    if (value.length > MOST_BYTES) throw invalid("Value is too large.");

    const known = repository.secrets.get(name);
    if (!known && repository.secrets.size >= MOST_SECRETS) {
      throw invalid(`Maximum number of secrets reached (${MOST_SECRETS}).`);
    }
    const at = state.now();
    repository.secrets.set(name, { name, value, createdAt: known?.createdAt ?? at, updatedAt: at });
    writesOf(repository, name)[known ? "updated" : "created"] += 1;
    return known ? noContent() : created(EMPTY);
  },
);

const remove = repositoryRoute(
  "delete",
  "/repos/{owner}/{repo}/actions/secrets/{secret_name}",
  "secrets",
  "write",
  ({ repository, params }) => {
    const name = params.secret_name.toUpperCase();
    if (!repository.secrets.delete(name)) throw notFound();
    writesOf(repository, name).deleted += 1;
    return noContent();
  },
);

const ofOrganization = repositoryRoute(
  "get",
  "/repos/{owner}/{repo}/actions/organization-secrets",
  "secrets",
  "read",
  (context) => {
    const all = [...context.repository.organizationSecrets.values()];
    const page = paginate(context, all);
    return ok({ total_count: all.length, secrets: page.items.map(actionsSecret) }, page.headers);
  },
);

const ofEnvironment = repositoryRoute(
  "get",
  "/repos/{owner}/{repo}/environments/{environment_name}/secrets",
  "environments",
  "read",
  (context) => {
    const environment = context.repository.environments.get(decodeURIComponent(context.params.environment_name));
    if (!environment) throw notFound();
    const all = [...environment.values()];
    const page = paginate(context, all);
    return ok({ total_count: all.length, secrets: page.items.map(actionsSecret) }, page.headers);
  },
);

export const secretRoutes = [list, sealing, get, put, remove, ofOrganization, ofEnvironment];
