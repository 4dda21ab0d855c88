/**
 * Workers' scripts, their settings, secrets, workers.dev address and deployments. Shapes: npm `cloudflare` 7.3.0,
 * resources/workers/scripts; `workers/services/{name}`, which that package does not have, as terraform-provider-cloudflare
 * v5.22.0 reads it (internal/services/workers_script/resource.go).
 */
import { randomUUID } from "node:crypto";

import type { Deployment } from "cloudflare/resources/workers/scripts/deployments";
import type { ScriptUpdateResponse } from "cloudflare/resources/workers/scripts/scripts";
import type { SecretListResponse } from "cloudflare/resources/workers/scripts/secrets";
import type { SubdomainGetResponse } from "cloudflare/resources/workers/scripts/subdomain";

import { type Level, requireAccount } from "../access.js";
import { ApiError, authenticationError } from "../http/errors.js";
import type { Context, Reply, Route } from "../http/route.js";
import { writeMultipart } from "../http/multipart.js";
import { readUpload } from "../upload.js";
import {
  type Binding,
  deploy,
  deployedVersion,
  etagOf,
  type Version,
  withBinding,
  type Worker,
  workerNamed,
} from "../workers.js";

/** The caller may work on Workers of the account in the path. */
export function permitted(context: Context, level: Level): void {
  if (context.params["account"] !== context.state.accountId) throw authenticationError();
  requireAccount(context.caller, "Workers Scripts", level);
}

function found(context: Context, level: Level): Worker {
  permitted(context, level);
  return workerNamed(context.state, context.params["script"] ?? "");
}

function scriptShape(worker: Worker): ScriptUpdateResponse {
  const version = deployedVersion(worker);
  return {
    id: worker.name,
    etag: etagOf(version),
    handlers: ["fetch"],
    named_handlers: [],
    modified_on: version.createdOn.toISOString(),
    created_on: worker.createdOn.toISOString(),
    usage_model: "standard",
    compatibility_date: version.compatibilityDate,
    compatibility_flags: [...version.compatibilityFlags],
    last_deployed_from: "api",
    logpush: false,
    has_assets: false,
    has_modules: true,
    startup_time_ms: 5,
  };
}

/** A binding as answers show it: a secret by its name only. */
function bindingShape({ name, type, text, rest }: Binding): Record<string, unknown> {
  return { ...rest, name, type, ...(text === undefined || type === "secret_text" ? {} : { text }) };
}

function annotations(version: Version): Record<string, string> {
  const message = version.message === undefined ? {} : { "workers/message": version.message };
  return { ...message, "workers/triggered_by": version.triggeredBy };
}

function upload(context: Context): Reply {
  permitted(context, "Write");
  const { state, params } = context;
  const name = params["script"] ?? "";
  if (!/^[a-z0-9_][a-z0-9_-]{0,62}$/.test(name))
    throw new ApiError(400, { code: 10016, message: "Invalid Worker name" });
  const former = state.workers.get(name);
  const change = readUpload(context.body, former === undefined ? [] : deployedVersion(former).bindings);
  return { result: scriptShape(deploy(state, name, change)) };
}

function remove(context: Context): Reply {
  const worker = found(context, "Write");
  const { state, query } = context;
  const attached = [...state.domains.values()].filter(({ service }) => service === worker.name);
  if (attached.length > 0 && query.get("force") !== "true") {
    throw new ApiError(400, { code: 10064, message: "This Worker cannot be deleted: other objects refer to it" });
  }
  for (const { id } of attached) state.domains.delete(id);
  state.workers.delete(worker.name);
  return { result: null };
}

function settings(context: Context): Reply {
  const version = deployedVersion(found(context, "Read"));
  const result = {
    annotations: annotations(version),
    bindings: version.bindings.map(bindingShape),
    compatibility_date: version.compatibilityDate,
    compatibility_flags: [...version.compatibilityFlags],
    logpush: false,
    placement: {},
    tail_consumers: null,
    tags: [],
    usage_model: "standard",
  };
  return { result };
}

/** Modules come as a multipart form, a part each. */
function content(context: Context): Reply {
  const { mainModule, content: text } = deployedVersion(found(context, "Read"));
  const boundary = randomUUID().replaceAll("-", "");
  const raw = writeMultipart(boundary, mainModule, "application/javascript+module", text);
  return { raw, contentType: `multipart/form-data; boundary=${boundary}`, headers: { "cf-entrypoint": mainModule } };
}

function service(context: Context): Reply {
  const worker = found(context, "Read");
  const script = scriptShape(worker);
  const times = { created_on: script.created_on, modified_on: script.modified_on };
  return {
    result: { id: worker.name, default_environment: { environment: "production", ...times, script }, ...times },
  };
}

function putSecret(context: Context): Reply {
  const worker = found(context, "Write");
  const { name, text, type } = context.body.json();
  if (typeof name !== "string" || typeof text !== "string" || type !== "secret_text" || name === "") {
    throw new ApiError(400, { code: 10015, message: "A secret needs a name, a text and the type secret_text" });
  }
  const bindings = withBinding(deployedVersion(worker).bindings, { name, text, type });
  deploy(context.state, worker.name, { triggeredBy: "secret", bindings });
  return { result: { name, type } satisfies SecretListResponse };
}

function secrets(context: Context): Reply {
  const { bindings } = deployedVersion(found(context, "Read"));
  const secret = bindings.filter(({ type }) => type === "secret_text");
  return { result: secret.map(({ name }) => ({ name, type: "secret_text" }) satisfies SecretListResponse) };
}

function setSubdomain(context: Context): Reply {
  const worker = found(context, "Write");
  const { enabled, previews_enabled: previews } = context.body.json();
  if (typeof enabled !== "boolean") throw new ApiError(400, { code: 10004, message: "enabled is required" });
  worker.subdomain = { enabled, previews_enabled: typeof previews === "boolean" ? previews : enabled };
  return { result: worker.subdomain satisfies SubdomainGetResponse };
}

function deployments(context: Context): Reply {
  const all = found(context, "Read").versions.map((version): Deployment => ({
    // A version is deployed once, as soon as it is made, so its own id serves for the deployment too.
    id: version.id,
    created_on: version.createdOn.toISOString(),
    source: "api",
    strategy: "percentage",
    versions: [{ percentage: 100, version_id: version.id }],
    annotations: annotations(version),
    author_email: "operator@example.test",
  }));
  return { result: { deployments: all.reverse() } };
}

const SCRIPT = "/accounts/{account}/workers/scripts/{script}";

export const scriptRoutes: readonly Route[] = [
  { method: "PUT", template: SCRIPT, run: upload },
  { method: "DELETE", template: SCRIPT, run: remove },
  { method: "GET", template: `${SCRIPT}/settings`, run: settings },
  { method: "GET", template: `${SCRIPT}/content/v2`, run: content },
  { method: "GET", template: "/accounts/{account}/workers/services/{script}", run: service },
  { method: "PUT", template: `${SCRIPT}/secrets`, run: putSecret },
  { method: "GET", template: `${SCRIPT}/secrets`, run: secrets },
  { method: "GET", template: `${SCRIPT}/subdomain`, run: (context) => ({ result: found(context, "Read").subdomain }) },
  { method: "POST", template: `${SCRIPT}/subdomain`, run: setSubdomain },
  { method: "GET", template: `${SCRIPT}/deployments`, run: deployments },
];
