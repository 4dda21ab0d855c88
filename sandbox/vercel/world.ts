/**
 * The emulated Vercel, as far as the program asks it: one project at a time, by a token, in the token's own account or in a
 * team. Shapes: @vercel/sdk 1.28.35; words of refusals: client/request.go of vercel/terraform-provider-vercel reads
 * `{ error: { code, message } }`, and vercel.com/docs/rest-api/reference/errors lists the codes.
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { type Fault, Faults, type InjectedFault } from "../api/faults.js";
import { type LoggedRequest, RequestLog } from "../api/log.js";
import { type Project, projectShape, type Variable } from "./shape.js";

/** A project to add. */
export interface ProjectSeed {
  readonly name: string;
  /** `owner/name` at GitHub; left out: connected to none. */
  readonly repository?: string;
}

interface Token {
  readonly value: string;
  revoked: boolean;
}

const letters = (bytes: number): string => randomBytes(bytes).toString("hex").slice(0, 24);

/** Makes a Vercel with one team and nothing in it. */
export function createVercel(team: string): VercelWorld {
  return new VercelWorld(team);
}

export class VercelWorld {
  /** Requests that nothing here answers. A test should end with none. */
  readonly unhandled: { readonly method: string; readonly path: string }[] = [];
  readonly teamId = `team_${letters(12)}`;
  private readonly projects: Project[] = [];
  private readonly tokens: Token[] = [];
  private readonly faults = new Faults();
  private readonly log = new RequestLog();

  constructor(readonly team: string) {}

  describe(): string {
    return "Vercel API: stand-in (emulated on loopback)";
  }

  /** Answers a request for api.vercel.com. Mount it as it is. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    const method = request.method ?? "GET";
    const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "https://api.vercel.com");
    const fault = this.faults.take(method, path);
    const at = new Date().toISOString();
    const token = this.tokens.find(({ value }) => request.headers.authorization === `Bearer ${value}`);
    const [status, body] =
      fault?.status === undefined
        ? this.answer(method, path, query, token)
        : [fault.status, fault.body ?? refusal("internal_server_error", "Injected fault")];
    const caller = token === undefined ? "refused" : "token";
    this.log.add({ at, method, path, query: query.toString(), status, caller, fault: fault !== undefined });
    response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
  };

  // What stands there.

  addProject(seed: ProjectSeed): void {
    this.projects.push({
      id: `prj_${letters(12)}`,
      name: seed.name,
      createdAt: Date.now(),
      repository: seed.repository,
      hooks: [],
      variables: [],
      createDeployments: "enabled",
    });
  }
  /** Sets an environment variable of a project. */
  setVariable(name: string, variable: Variable): void {
    this.project(name).variables.push(variable);
  }
  /** Connects a project to another repository, or to none. */
  connect(name: string, repository: string | undefined): void {
    this.project(name).repository = repository;
  }
  /** Makes a deploy hook; the answer is its address. */
  addHook(name: string, hook: string): string {
    const url = `https://api.vercel.com/v1/integrations/deploy/${this.project(name).id}/${letters(12)}`;
    this.project(name).hooks.push({ id: letters(12), name: hook, ref: "main", url });
    return url;
  }
  deleteHooks(name: string): void {
    this.project(name).hooks.length = 0;
  }
  /** Whether Vercel makes deployments at GitHub for the project's. */
  setCreateDeployments(name: string, value: Project["createDeployments"]): void {
    this.project(name).createDeployments = value;
  }

  // Credentials.

  /** The value of a new token: 24 letters and digits, as Vercel's are. */
  issueToken(): string {
    const value = letters(12);
    this.tokens.push({ value, revoked: false });
    return value;
  }
  /** From now on 403, as Vercel answers a token that it does not know. */
  setRevoked(value: string, revoked: boolean): void {
    const token = this.tokens.find((one) => one.value === value);
    if (!token) throw new Error("no such token");
    token.revoked = revoked;
  }

  // What was asked, and what goes wrong.

  get requests(): readonly LoggedRequest[] {
    return this.log.entries;
  }
  clearRequests(): void {
    this.log.clear();
  }
  inject(fault: Fault): InjectedFault {
    return this.faults.inject(fault);
  }

  private project(name: string): Project {
    const found = this.projects.find((one) => one.name === name);
    if (!found) throw new Error(`no such project: ${name}`);
    return found;
  }

  private answer(method: string, path: string, query: URLSearchParams, token: Token | undefined): [number, unknown] {
    if (token === undefined || token.revoked) {
      return [403, { error: { code: "forbidden", message: "Not authorized", invalidToken: true } }];
    }
    const [, named, env] = /^\/v(?:9|10)\/projects\/([^/]+)(\/env)?$/.exec(path) ?? [];
    if (method !== "GET" || named === undefined) {
      this.unhandled.push({ method, path });
      return [404, refusal("not_found", "The requested URL was not found on this server.")];
    }
    const ofTeam = query.get("teamId") === this.teamId || query.get("slug") === this.team;
    if (!ofTeam && (query.has("teamId") || query.has("slug"))) {
      return [403, refusal("forbidden", "Not authorized")];
    }
    // The token's own account has no projects: a project of a team is asked for with its team.
    const found = ofTeam ? this.projects.find(({ name, id }) => name === named || id === named) : undefined;
    return found === undefined
      ? [404, refusal("not_found", "Project not found.")]
      : [200, env === undefined ? projectShape(found, this.teamId) : variablesShape(found)];
  }
}

/** Without `decrypt=true` an encrypted value comes as ciphertext, a sensitive one not at all (@vercel/sdk, FilterProjectEnvs). */
function variablesShape({ variables }: Project): unknown {
  const shown = ({ type, value }: Variable) =>
    type === "plain" ? { value } : type === "encrypted" ? { value: `eyJ2IjoidjIi${letters(12)}` } : {};
  return {
    envs: variables.map((one) => ({
      ...shown(one),
      id: letters(12),
      key: one.key,
      type: one.type,
      target: one.target,
    })),
  };
}

const refusal = (code: string, message: string): unknown => ({ error: { code, message } });
