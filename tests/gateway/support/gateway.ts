/** The Worker in workerd for a suite, with an issuer and an API beside it that remember what they were asked. */
import http from "node:http";
import type { AddressInfo } from "node:net";

import { Response } from "miniflare";

import type { Policy } from "../../../gateway/policy.js";
import { type Reply, type Runtime, type Sent, startRuntime } from "../../../sandbox/gateway/runtime.js";
import { createIssuer, type Issuer, ISSUER_HOST, type Job } from "../../../sandbox/oidc/issuer.js";
import { canary } from "../../support/canary.js";

export const HOST = "dns-gateway.example.com";
export const ZONE = "0123456789abcdef0123456789abcdef";
export const OTHER_ZONE = "fedcba9876543210fedcba9876543210";
export const RECORD = "11111111111111111111111111111111";
export const RECORDS = `/client/v4/zones/${ZONE}/dns_records`;

/** The job that the policy lets in. */
export const JOB = {
  repository: "radieu/p24-infra",
  repositoryId: 700_001,
  ownerId: 9001,
  environment: "production",
} satisfies Job;

export const POLICY = {
  hosts: [HOST],
  audience: `https://${HOST}`,
  ownerId: String(JOB.ownerId),
  zone: { id: ZONE, name: "example.com" },
  callers: [
    {
      repositoryId: String(JOB.repositoryId),
      refs: ["refs/heads/main"],
      workflows: [`${JOB.repository}/.github/workflows/dns.yml@refs/heads/main`],
      events: ["push", "workflow_dispatch"],
      environment: JOB.environment,
    },
  ],
} satisfies Policy;

/** A request that reached the API. */
export interface Forwarded {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A line of the Worker's log. */
export type Line = Readonly<Record<string, any>>;

/** What the API answers; a record unless a test says something else. */
export type Answering = (request: Forwarded) => Response | Promise<Response>;

export class Bench {
  readonly credential = canary().padEnd(40, "0").slice(0, 40);
  readonly issuer: Issuer = createIssuer();
  readonly forwarded: Forwarded[] = [];
  /** Requests for neither the issuer nor the API, and what the runtime itself had to say. */
  readonly unexpected: string[] = [];
  readonly lines: Line[] = [];
  /** All that was logged, as it was. */
  readonly logged: string[] = [];
  answering: Answering = record;
  runtime!: Runtime;
  #keys!: http.Server;
  #settled: (() => void)[] = [];

  async start(policy: unknown = POLICY): Promise<void> {
    this.#keys = http.createServer(this.issuer.handle);
    await new Promise<void>((resolve) => this.#keys.listen(0, "127.0.0.1", resolve));
    const keysUrl = `http://127.0.0.1:${String((this.#keys.address() as AddressInfo).port)}`;
    this.runtime = await startRuntime({
      policy,
      credential: this.credential,
      log: (text) => {
        this.logged.push(text);
        if (text.startsWith("{")) {
          this.lines.push(JSON.parse(text) as Line);
        } else {
          this.unexpected.push(`said: ${text}`);
        }
        this.#settled.splice(0).forEach((told) => told());
      },
      outbound: async (request) => {
        const url = new URL(request.url);
        if (url.host === ISSUER_HOST && url.protocol === "https:") {
          return relay(`${keysUrl}${url.pathname}${url.search}`);
        }
        if (url.host !== "api.cloudflare.com" || url.protocol !== "https:") {
          this.unexpected.push(`asked for: ${request.url}`);
          return new Response("not emulated", { status: 599 });
        }
        const forwarded = {
          method: request.method,
          url: request.url,
          headers: Object.fromEntries(request.headers),
          body: await request.text(),
        };
        this.forwarded.push(forwarded);
        return this.answering(forwarded);
      },
    });
  }

  /** A token of the job that the policy lets in, with other claims put over its own. */
  bearer(changes: Readonly<Record<string, unknown>> = {}): string {
    return `Bearer ${this.issuer.sign({ ...this.issuer.claimsOf(JOB, POLICY.audience), ...changes })}`;
  }

  /** Sends a request to the gateway's host, with a right token unless its headers say something else. */
  send(sent: Partial<Sent> = {}): Promise<Reply> {
    const headers: http.OutgoingHttpHeaders = { host: HOST, authorization: this.bearer(), ...sent.headers };
    const present = Object.entries(headers).filter(([, value]) => value !== undefined);
    return this.runtime.send({ path: RECORDS, ...sent, headers: Object.fromEntries(present) });
  }

  /** Sends a document, as clients do. */
  write(method: string, path: string, body: unknown, headers: http.OutgoingHttpHeaders = {}): Promise<Reply> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return this.send({ method, path, body: text, headers: { "content-type": "application/json", ...headers } });
  }

  /** Waits until as many lines are logged as requests were sent: they come on another way than the answers. */
  async settle(lines: number): Promise<void> {
    while (this.lines.length < lines) {
      await new Promise<void>((resolve) => this.#settled.push(resolve));
    }
  }

  /** The line of the one request since the last {@link clear}. */
  async line(): Promise<Line> {
    await this.settle(1);
    const [line, ...more] = this.lines;
    if (line === undefined || more.length > 0) {
      throw new Error(`${String(this.lines.length)} lines for one request`);
    }
    return line;
  }

  clear(): void {
    for (const list of [this.forwarded, this.unexpected, this.lines, this.logged]) {
      list.length = 0;
    }
    this.answering = record;
    this.issuer.fault = undefined;
    this.issuer.asked = 0;
  }

  async close(): Promise<void> {
    await this.runtime.close();
    this.#keys.closeAllConnections();
    await new Promise((resolve) => this.#keys.close(resolve));
  }
}

async function relay(url: string): Promise<Response> {
  const answer = await fetch(url, { redirect: "manual" });
  return new Response(await answer.text(), {
    status: answer.status,
    headers: { "content-type": answer.headers.get("content-type") ?? "text/plain" },
  });
}

/** A document in the form of the API. */
export function envelope(result: unknown, status = 200, headers: Record<string, string> = {}): Response {
  const body = { success: status < 400, errors: [], messages: [], result };
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
}

export function record(): Response {
  return envelope({ id: RECORD, type: "A", name: "www.example.com", content: "192.0.2.1" });
}

/** A bench for a suite. Call it inside `describe`; use the getter inside tests. Each test begins with nothing remembered. */
export function useGateway(policy?: unknown): () => Bench {
  let bench: Bench | undefined;
  before(async () => {
    bench = new Bench();
    await bench.start(policy);
  });
  beforeEach(() => bench?.clear());
  afterEach("the Worker asked nobody but the issuer and the API, and did not fail", () => {
    if (bench !== undefined && bench.unexpected.length > 0) {
      throw new Error(`the Worker ${bench.unexpected.join("; ")}`);
    }
  });
  after(() => bench?.close());
  return () => {
    if (bench === undefined) {
      throw new Error("the gateway is there inside tests only");
    }
    return bench;
  };
}
