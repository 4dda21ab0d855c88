/** The emulated Cloudflare: one object that answers requests and lets tests look behind and interfere. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { RecordResponse } from "cloudflare/resources/dns/records";

import { type Fault, Faults, type InjectedFault } from "../api/faults.js";
import { type LoggedRequest, RequestLog } from "../api/log.js";
import { issueToken, type Token, type TokenSeed, zoneNamed } from "./access.js";
import { dispatch, type Parts, type Unhandled } from "./dispatch.js";
import { createRouter } from "./http/route.js";
import { recordFrom } from "./records.js";
import { attach, domainRoutes } from "./routes/domains.js";
import { recordRoutes, recordShape } from "./routes/records.js";
import { scriptRoutes } from "./routes/scripts.js";
import { tokenRoutes } from "./routes/verify.js";
import { zoneRoutes } from "./routes/zones.js";
import { hexId, State } from "./state.js";
import { type Binding, deploy, deployedVersion, type Version, withBinding, workerNamed } from "./workers.js";

export interface CloudflareOptions {
  /** The clock; the real one unless told. */
  readonly now?: () => Date;
}

/** Makes a Cloudflare with one account and nothing in it. */
export function createCloudflare(options: CloudflareOptions = {}): CloudflareWorld {
  return new CloudflareWorld(options);
}

/** A Worker as it answers now. */
export interface DeployedWorker extends Version {
  /** How many versions there were, this one included. */
  readonly versions: number;
  readonly domains: readonly string[];
  readonly subdomain: { readonly enabled: boolean; readonly previews_enabled: boolean };
}

export class CloudflareWorld {
  /** Requests that nothing here answers. A test should end with none. */
  readonly unhandled: Unhandled[] = [];
  private readonly parts: Parts;

  constructor(options: CloudflareOptions) {
    this.parts = {
      state: new State(options.now ?? (() => new Date())),
      faults: new Faults(),
      log: new RequestLog(),
      router: createRouter([...tokenRoutes, ...zoneRoutes, ...recordRoutes, ...scriptRoutes, ...domainRoutes]),
      unhandled: this.unhandled,
    };
  }

  /** Answers a request for api.cloudflare.com. Mount it as it is. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    dispatch(this.parts, request, response);

  describe(): string {
    return "Cloudflare API: stand-in (emulated on loopback)";
  }

  // What stands there.

  get accountId(): string {
    return this.parts.state.accountId;
  }
  addZone(name: string): { id: string } {
    const { state } = this.parts;
    const id = hexId();
    state.zones.set(id, { id, name, createdOn: state.now(), records: new Map() });
    return { id };
  }
  /** The zone's records by name and type, as the API shows them. */
  recordsOf(zone: string): RecordResponse[] {
    const records = [...zoneNamed(this.parts.state, zone).records.values()].map(recordShape);
    return records.sort((one, other) => (one.name + one.type < other.name + other.type ? -1 : 1));
  }
  /** As a person adds it in the dashboard: `{ type: "A", name: "www", content: "192.0.2.1" }`. */
  addRecord(zone: string, fields: Readonly<Record<string, unknown>>): { id: string } {
    const found = zoneNamed(this.parts.state, zone);
    const record = recordFrom(found, fields, this.parts.state.now());
    found.records.set(record.id, record);
    return { id: record.id };
  }

  // Workers, looked at and changed as a person in the dashboard would.

  /** What is deployed of a Worker, with the secrets' values, as only a stand-in can show it; `undefined` without one. */
  workerOf(name: string): DeployedWorker | undefined {
    const worker = this.parts.state.workers.get(name);
    if (worker === undefined) return undefined;
    const domains = [...this.parts.state.domains.values()].filter(({ service }) => service === name);
    return {
      ...structuredClone(deployedVersion(worker)),
      versions: worker.versions.length,
      domains: domains.map(({ hostname }) => hostname).sort(),
      subdomain: { ...worker.subdomain },
    };
  }
  /** Deploys other code. The Worker is made when there is none. */
  editScript(name: string, content: string): void {
    deploy(this.parts.state, name, { triggeredBy: "upload", content });
  }
  /** Adds a binding or overwrites the one of that name. */
  setBinding(name: string, binding: Binding): void {
    const bindings = withBinding(this.deployed(name).bindings, binding);
    deploy(this.parts.state, name, { triggeredBy: binding.type === "secret_text" ? "secret" : "upload", bindings });
  }
  removeBinding(name: string, binding: string): void {
    const all = this.deployed(name).bindings;
    const bindings = all.filter((one) => one.name !== binding);
    if (bindings.length === all.length) throw new Error(`no such binding: ${binding}`);
    deploy(this.parts.state, name, { triggeredBy: "secret", bindings });
  }
  deleteWorker(name: string): void {
    if (!this.parts.state.workers.delete(name)) throw new Error(`no such Worker: ${name}`);
  }
  /** Lets a Worker answer under a host name, whoever did before. */
  attachDomain(hostname: string, service: string): void {
    attach(this.parts.state, hostname, service);
  }
  detachDomain(hostname: string): void {
    const { domains } = this.parts.state;
    const found = [...domains.values()].find((domain) => domain.hostname === hostname);
    if (found === undefined) throw new Error(`no such domain: ${hostname}`);
    domains.delete(found.id);
  }
  setSubdomain(name: string, subdomain: { enabled: boolean; previews_enabled: boolean }): void {
    workerNamed(this.parts.state, name).subdomain = subdomain;
  }

  // Credentials.

  issueToken(seed: TokenSeed): { id: string; value: string } {
    const { id, value } = issueToken(this.parts.state, seed);
    return { id, value };
  }
  /** From now on 403, as a token that was deleted. */
  revoke(value: string): void {
    this.parts.state.tokens.delete(value);
  }
  /** Puts a token into one of the API's states. */
  setTokenStatus(value: string, status: Token["status"]): void {
    const token = this.parts.state.tokens.get(value);
    if (token === undefined) throw new Error("no such token");
    token.status = status;
  }

  // What was asked, and what goes wrong.

  get requests(): readonly LoggedRequest[] {
    return this.parts.log.entries;
  }
  clearRequests(): void {
    this.parts.log.clear();
  }
  /** Called after every request; returns what ends it. */
  onRequest(listener: (entry: LoggedRequest) => void): () => void {
    return this.parts.log.listen(listener);
  }
  inject(fault: Fault): InjectedFault {
    return this.parts.faults.inject(fault);
  }
  clearFaults(): void {
    this.parts.faults.clear();
  }

  private deployed(name: string): Version {
    return deployedVersion(workerNamed(this.parts.state, name));
  }
}
