/** How the three types read and write, as terraform-provider-cloudflare v5.22.0 does (internal/services/workers_*). */
import { Failure } from "../wire/failure.js";
import { ask, find } from "./client.js";
import type { Plain, Remote } from "./resource.js";
import { CUSTOM_DOMAIN, SCRIPT, SUBDOMAIN } from "./shape.js";

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const scriptPath = ({ accountId, scriptName }: Plain) =>
  `accounts/${text(accountId)}/workers/scripts/${text(scriptName)}`;
const domainPath = ({ accountId }: Plain) => `accounts/${text(accountId)}/workers/domains`;

/** An upload sends content and metadata as one form (model.go, MarshalMultipart). */
async function upload(inputs: Plain): Promise<Plain> {
  const { annotations, content, mainModule } = inputs;
  const type = "application/javascript+module";
  const message = (annotations as Plain | undefined)?.["workersMessage"];
  const metadata = {
    annotations: message === undefined ? undefined : { "workers/message": message },
    bindings: inputs["bindings"],
    compatibility_date: inputs["compatibilityDate"],
    compatibility_flags: inputs["compatibilityFlags"],
    keep_bindings: inputs["keepBindings"],
    logpush: inputs["logpush"] ?? false,
    main_module: mainModule,
    usage_model: inputs["usageModel"] ?? "standard",
  };
  const form = [
    { name: text(mainModule), file: true, type, text: text(content) },
    { name: "metadata", file: false, type: "application/json", text: JSON.stringify(metadata) },
  ];
  const { result } = await ask({ method: "PUT", path: scriptPath(inputs), form });
  const { compatibility_flags: compatibilityFlags, named_handlers: namedHandlers } = result as Plain;
  return { ...inputs, ...scriptOutputs(result as Plain), compatibilityFlags, namedHandlers, id: inputs["scriptName"] };
}

function scriptOutputs(result: Plain): Plain {
  return {
    createdOn: result["created_on"],
    etag: result["etag"],
    handlers: result["handlers"],
    hasAssets: result["has_assets"],
    hasModules: result["has_modules"],
    lastDeployedFrom: result["last_deployed_from"],
    logpush: result["logpush"],
    modifiedOn: result["modified_on"],
    startupTimeMs: result["startup_time_ms"],
    usageModel: result["usage_model"],
  };
}

export const script: Remote = {
  shape: SCRIPT,
  idOf: (state) => text(state["scriptName"]),
  create: upload,
  update: upload,
  async read(state) {
    const { accountId, scriptName } = state;
    const path = `accounts/${text(accountId)}/workers/services/${text(scriptName)}`;
    const service = await find({ method: "GET", path });
    if (service === undefined) return undefined;
    const { default_environment: environment } = service.result as { default_environment: { script: Plain } };
    const settings = (await ask({ method: "GET", path: `${scriptPath(state)}/settings` })).result as Plain;
    const content = (await ask({ method: "GET", path: `${scriptPath(state)}/content/v2` })).text;
    // Secrets that the program did not declare stay out of the state (custom.go, UpdateSecretTextsFromState).
    const bindings = (settings["bindings"] as Plain[]).filter(({ type }) => type !== "secret_text");
    const outputs = Object.entries(scriptOutputs(environment.script)).filter(([, value]) => value !== undefined);
    return {
      ...state,
      ...Object.fromEntries(outputs),
      bindings,
      compatibilityDate: settings["compatibility_date"],
      content: firstPart(content),
    };
  },
  async remove(state) {
    await ask({ method: "DELETE", path: scriptPath(state) });
  },
};

function firstPart(body: string): string {
  if (!body.startsWith("--")) return body;
  const boundary = body.slice(0, body.indexOf("\r\n"));
  const start = body.indexOf("\r\n\r\n") + 4;
  return body.slice(start, body.indexOf(`\r\n${boundary}`, start));
}

function domainState(result: unknown, accountId: unknown): Plain {
  const domain = result as Plain;
  return {
    accountId,
    certId: domain["cert_id"],
    environment: domain["environment"],
    hostname: domain["hostname"],
    id: domain["id"],
    service: domain["service"],
    zoneId: domain["zone_id"],
    zoneName: domain["zone_name"],
  };
}

/** There is no update: everything makes a new one, which is the same PUT. */
export const customDomain: Remote = {
  shape: CUSTOM_DOMAIN,
  idOf: (state) => text(state["id"]),
  async create(inputs) {
    const { accountId, hostname, service, zoneId, zoneName, environment } = inputs;
    const json = { hostname, service, environment, zone_id: zoneId, zone_name: zoneName };
    const { result } = await ask({ method: "PUT", path: domainPath(inputs), json });
    return domainState(result, accountId);
  },
  async read(state) {
    const found = await find({ method: "GET", path: `${domainPath(state)}/${text(state["id"])}` });
    return found && domainState(found.result, state["accountId"]);
  },
  async remove(state) {
    await ask({ method: "DELETE", path: `${domainPath(state)}/${text(state["id"])}` });
  },
};

function subdomainState({ accountId, scriptName }: Plain, result: unknown): Plain {
  const { enabled, previews_enabled: previewsEnabled } = result as Plain;
  return { accountId, scriptName, enabled, previewsEnabled, id: scriptName };
}

async function setSubdomain(inputs: Plain): Promise<Plain> {
  const json = { enabled: inputs["enabled"], previews_enabled: inputs["previewsEnabled"] };
  const { result } = await ask({ method: "POST", path: `${scriptPath(inputs)}/subdomain`, json });
  return subdomainState(inputs, result);
}

/** Pulumi's id of it is the account's (pulumi-cloudflare, provider/resources.go, resourcesWithMissingID). */
export const subdomain: Remote = {
  shape: SUBDOMAIN,
  idOf: (state) => text(state["accountId"]),
  create: setSubdomain,
  update: setSubdomain,
  async read(state) {
    const found = await find({ method: "GET", path: `${scriptPath(state)}/subdomain` });
    return found && subdomainState(state, found.result);
  },
  remove() {
    return Promise.reject(new Failure("this stand-in does not take a Worker off workers.dev by deleting"));
  },
};
