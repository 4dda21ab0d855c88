import { z } from "zod";

import type { Fault } from "../fault.js";
import type { Gateway } from "../model/gateway.js";
import type { Observed } from "./github.js";
import type { Answer, Get } from "./http.js";

export const API = "https://api.cloudflare.com/client/v4";

/** One binding of the Worker; a secret shows its name only. */
export interface Binding {
  readonly type: string;
  readonly text?: string | undefined;
}

/** A deployment of the Worker: every write of script, settings or secret makes a version and deploys it. */
export interface Deployment {
  /** Id of the version; of a gradual deployment all ids together, which equals no version's. */
  readonly version: string;
  /** What started it: `upload`, `secret`, `rollback`, … */
  readonly triggeredBy: string | undefined;
}

/** What can be seen of a Worker. */
export interface WorkerObservation {
  /** Text of its first module, and that module's name. */
  readonly script: string;
  readonly mainModule: string | undefined;
  readonly compatibilityDate: string | undefined;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Whether it, or a preview of one of its versions, answers under workers.dev. */
  readonly onWorkersDev: boolean;
  /** Newest first. */
  readonly deployments: readonly Deployment[];
}

export interface GatewayObservation {
  /** `undefined` when the account has no Worker of that name. */
  readonly worker: WorkerObservation | undefined;
  /** Which Worker answers under a custom domain of the zone, by host name. */
  readonly domains: ReadonlyMap<string, string>;
}

/** Shapes: npm `cloudflare` 7.3.0, resources/workers (scripts' settings, subdomain, deployments; domains). */
const bindingSchema = z.object({ name: z.string(), type: z.string(), text: z.string().optional() });
const settingsSchema = resultOf(
  z.object({
    bindings: z.array(bindingSchema).default([]),
    compatibility_date: z.string().optional(),
    compatibility_flags: z.array(z.string()).default([]),
  }),
);
const subdomainSchema = resultOf(z.object({ enabled: z.boolean(), previews_enabled: z.boolean().default(false) }));
const deploymentSchema = z.object({
  versions: z.array(z.object({ version_id: z.string() })).min(1),
  annotations: z.object({ "workers/triggered_by": z.string().optional() }).optional(),
});
const deploymentsSchema = resultOf(z.object({ deployments: z.array(deploymentSchema) }));
const domainsSchema = resultOf(z.array(z.object({ hostname: z.string(), service: z.string() })));

function resultOf<T extends z.ZodType>(result: T) {
  return z.object({ result });
}

/**
 * Reads the gateway with five requests. The script is read back as a whole, so what is said of it and of the policy rests
 * on content; of the credential only the binding's name is to be seen, and which version was deployed by what.
 */
export async function observeGateway(
  get: Get,
  gateway: Gateway,
  env: NodeJS.ProcessEnv,
): Promise<Observed<GatewayObservation>> {
  const where = `Cloudflare Worker ${gateway.worker}`;
  const headers = apiHeaders(env);
  if (headers === undefined) {
    return { unreachable: { where, ...NO_CREDENTIAL } };
  }
  const account = `${API}/accounts/${gateway.account}/workers`;
  const script = `${account}/scripts/${gateway.worker}`;
  const [settings, content, subdomain, deployments, domains] = (await Promise.all(
    [
      `${script}/settings`,
      `${script}/content/v2`,
      `${script}/subdomain`,
      `${script}/deployments`,
      `${account}/domains?zone_id=${gateway.zoneId}`,
    ].map((url) => get(url, headers)),
  )) as [Answer, Answer, Answer, Answer, Answer];
  const listed = read(domainsSchema, domains);
  if (listed === undefined) {
    return { unreachable: refusal(where, domains) };
  }
  const attached = new Map(listed.map(({ hostname, service }) => [hostname, service]));
  // A name that no Worker has, and one that the token must not see, are told apart by the list above.
  if (!settings.ok && settings.status === 404) {
    return { seen: { worker: undefined, domains: attached } };
  }
  const shown = read(settingsSchema, settings);
  const module = content.ok && typeof content.body === "string" ? firstModule(content.body) : undefined;
  const address = read(subdomainSchema, subdomain);
  const history = readDeployments(deployments);
  if (shown === undefined || module === undefined || address === undefined || history === undefined) {
    const failed = [settings, content, subdomain, deployments].find(({ ok }) => !ok) ?? settings;
    return { unreachable: refusal(where, failed) };
  }
  const worker: WorkerObservation = {
    script: module.text,
    mainModule: module.name,
    compatibilityDate: shown.compatibility_date,
    compatibilityFlags: shown.compatibility_flags,
    bindings: new Map(shown.bindings.map(({ name, ...binding }) => [name, binding])),
    onWorkersDev: address.enabled || address.previews_enabled,
    deployments: history,
  };
  return { seen: { worker, domains: attached } };
}

/** What every request to Cloudflare's API sends; `undefined` when there is no credential to send. */
export function apiHeaders(env: NodeJS.ProcessEnv): Record<string, string> | undefined {
  const credential = env["CLOUDFLARE_API_TOKEN"];
  return credential === undefined || credential === ""
    ? undefined
    : { accept: "application/json", authorization: `Bearer ${credential}`, "user-agent": "p24-infra" };
}

/** What is said when the deploy credential is missing. */
export const NO_CREDENTIAL: Omit<Fault, "where"> = {
  what: "CLOUDFLARE_API_TOKEN is not set",
  repair: "sops edit secrets/stack.sops.yaml: cloudflare_deploy_token; or run it through p24 pulumi",
};

/** A Worker's deployments, newest first; `undefined` for an answer that has none. */
export function readDeployments(answer: Answer): Deployment[] | undefined {
  return read(deploymentsSchema, answer)?.deployments.map(deploymentOf);
}

function deploymentOf({ versions, annotations }: z.infer<typeof deploymentSchema>): Deployment {
  const version = versions.map(({ version_id }) => version_id).join("+");
  return { version, triggeredBy: annotations?.["workers/triggered_by"] };
}

/** Modules come as the parts of a form (RFC 7578), the main one first; a script without modules comes as it is. */
function firstModule(body: string): { name: string | undefined; text: string } | undefined {
  if (!body.startsWith("--")) {
    return { name: undefined, text: body };
  }
  const boundary = body.slice(0, body.indexOf("\r\n"));
  const start = body.indexOf("\r\n\r\n");
  const end = body.indexOf(`\r\n${boundary}`, start + 2);
  const name = /^content-disposition:.*?\bname="([^"]*)"/im.exec(body.slice(0, start))?.[1];
  return start === -1 || end === -1 ? undefined : { name, text: body.slice(start + 4, end) };
}

function read<T>(schema: z.ZodType<{ result: T }>, answer: Answer): T | undefined {
  return answer.ok ? schema.safeParse(answer.body).data?.result : undefined;
}

/** Why Cloudflare did not answer as asked, by its status. */
export function refusal(where: string, answer: Answer): Fault {
  switch (answer.ok ? undefined : answer.status) {
    case 400:
    case 401:
      return {
        where,
        what: `Cloudflare does not accept the credential (${String(answer.status)})`,
        repair: "sops edit secrets/stack.sops.yaml: cloudflare_deploy_token, a token of the account",
      };
    case 403:
      return {
        where,
        what: "the credential is not valid, or may not read and write the account's Workers (403)",
        repair: "give cloudflare_deploy_token the permission Workers Scripts: Edit on the account in the settings",
      };
    case 404:
      return {
        where,
        what: "the account does not exist (404)",
        repair: "correct cloudflare.account in the settings: the dashboard shows the id of the account",
      };
    case 429:
      return { where, what: "Cloudflare limits the rate of requests (429)", repair: "wait five minutes and run again" };
    case undefined:
      return { where, what: "api.cloudflare.com gave no usable answer", repair: "check the network and run again" };
    default:
      return {
        where,
        what: `Cloudflare answered ${String(answer.status)}`,
        repair: "see cloudflarestatus.com and run again",
      };
  }
}
