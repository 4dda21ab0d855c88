/**
 * The gateway: a GitHub Actions job's own OIDC token in, a DNS record of one zone changed. Every request takes these steps in
 * this order; what fails one of them is refused, and nothing is sent to Cloudflare.
 */
import { compactVerify } from "jose";

import { answerList, type Api, createApi, pathOf } from "./api.js";
import { readBearer } from "./bearer.js";
import { type Call, readCall } from "./call.js";
import { admit, type Admitted } from "./claims.js";
import { createIssuerKeys, type IssuerKeys, type KeepAlive, type World as KeysWorld } from "./jwks.js";
import { type Entry, harmless, line, rayOf, short } from "./log.js";
import { type Caller, type CompiledPolicy, compilePolicy, PolicyError } from "./policy.js";
import { checkPresent, checkWritten, readBody, type RecordBody } from "./records.js";
import { refuse, Refusal } from "./refusal.js";

/** What the gateway needs of the world: the network, a clock, a log. */
export interface World extends KeysWorld {
  log(text: string): void;
}

/** The Worker's bindings. */
export interface Bindings {
  readonly POLICY?: unknown;
  readonly ZONE_CREDENTIAL?: unknown;
}

/** Answers one request. */
export type Gateway = (request: Request, bindings: Bindings, keepAlive: KeepAlive) => Promise<Response>;

/** What became known of a request, for its line in the log. */
interface Notes {
  call?: Call;
  admitted?: Admitted;
  record?: Readonly<Record<string, string>>;
}

export function createGateway(world: World): Gateway {
  const keys = createIssuerKeys(world);
  const policyOf = rememberPolicy();

  return async (request, bindings, keepAlive) => {
    const notes: Notes = {};
    const log = (entry: Omit<Entry, "method" | "path" | "record" | "run" | "ray">, path: string) => {
      world.log(line({ ...entry, ...outline(request), path, ...noted(notes) }));
    };
    try {
      const policy = policyOf(bindings.POLICY);
      const credential = readCredential(bindings.ZONE_CREDENTIAL);
      notes.call = readCall(request.method, request.url, policy);
      notes.admitted = await authenticate(request, policy, keys, world, keepAlive);
      const api = createApi(world.fetch, credential, policy.zone);
      const response = await answer(request, notes.call, notes.admitted.caller, api, (record) => {
        notes.record = { ...notes.record, ...record };
      });
      log({ event: "forwarded", status: response.status }, pathOf(notes.call, policy.zone));
      return response;
    } catch (error) {
      const { reason, detail, status } = error instanceof Refusal ? error : new Refusal("internal");
      log({ event: "refused", status, reason, ...(detail === undefined ? {} : { detail }) }, harmless(request.url));
      return refuse(status);
    }
  };
}

/** Compiles a policy when it comes in and not again while it is the same binding. */
function rememberPolicy(): (binding: unknown) => CompiledPolicy {
  let last: { readonly binding: unknown; readonly policy: CompiledPolicy } | undefined;
  return (binding) => {
    if (last === undefined || last.binding !== binding) {
      last = { binding, policy: compile(binding) };
    }
    return last.policy;
  };
}

function compile(binding: unknown): CompiledPolicy {
  try {
    return compilePolicy(binding);
  } catch (error) {
    throw new Refusal("policy", error instanceof PolicyError ? error.message.slice(0, 1000) : undefined);
  }
}

function readCredential(binding: unknown): string {
  if (typeof binding !== "string" || !/^[\x21-\x7e]{20,}$/.test(binding)) {
    throw new Refusal("credential", "the binding of the zone's credential is missing or no API token");
  }
  return binding;
}

/** Verifies the job's token and asks the policy. */
async function authenticate(
  request: Request,
  policy: CompiledPolicy,
  keys: IssuerKeys,
  world: World,
  keepAlive: KeepAlive,
): Promise<Admitted> {
  const { compact, kid } = readBearer(request.headers.get("authorization"));
  const key = await keys.find(kid, keepAlive);
  const verified = await compactVerify(compact, key, { algorithms: ["RS256"] }).catch(() => {
    throw new Refusal("jwt.signature");
  });
  return admit(verified.payload, policy, world.now() / 1000);
}

/** Has the call answered. `note` is told which record is written, as soon as it is known. */
async function answer(
  request: Request,
  call: Call,
  { records: limit }: Caller,
  api: Api,
  note: (record: Readonly<Record<string, string>>) => void,
): Promise<Response> {
  if (call.kind === "zones") {
    return call.ours ? api.listZone() : answerList([]);
  }
  if (call.method === "GET") {
    return api.read(call);
  }
  const body = call.method === "DELETE" ? undefined : await readBody(request);
  note(named({ ...body, id: call.kind === "record" ? call.id : undefined }));
  if (body !== undefined) {
    checkWritten(body, limit, call.method !== "PATCH");
  }
  if (limit.limited && call.kind === "record") {
    const present = await api.present(call.id);
    if ("instead" in present) {
      return present.instead;
    }
    checkPresent(present.record, limit);
    note(named({ ...present.record, ...body, id: call.id }));
  }
  const { response, id } = await api.write(call, body);
  note(named({ id }));
  return response;
}

/** What the log says of a record. */
function named({ id, type, name }: RecordBody): Readonly<Record<string, string>> {
  const texts = Object.entries({ id, type, name }).map(([field, value]): [string, string | undefined] => [
    field,
    short(value),
  ]);
  return Object.fromEntries(texts.filter((text): text is [string, string] => text[1] !== undefined));
}

function outline(request: Request): Pick<Entry, "method" | "ray"> {
  const ray = rayOf(request.headers);
  return { method: /^[A-Z]{1,16}$/.test(request.method) ? request.method : "…", ...(ray === undefined ? {} : { ray }) };
}

function noted({ admitted, record }: Notes): Pick<Entry, "record" | "run"> {
  return {
    ...(record === undefined ? {} : { record }),
    ...(admitted === undefined ? {} : { run: admitted.run }),
  };
}
