/**
 * The runner's service that gives a job its OIDC token. A stand-in. Form of request and answer: `@actions/core` on npm,
 * oidc-utils (GET with `audience`, a bearer credential of the job; `{ "value": … }`).
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Issuer, Job } from "./issuer.js";

/** Its host; GitHub's has a number and a region in its name. */
export const RUNNER_HOST = "run-actions-1-azure-eastus.actions.githubusercontent.com";

/** The environment that a job with `id-token: write` finds. */
export interface JobEnvironment {
  readonly ACTIONS_ID_TOKEN_REQUEST_URL: string;
  readonly ACTIONS_ID_TOKEN_REQUEST_TOKEN: string;
}

export class RunnerService {
  /** Audiences that were asked for, in their order. */
  readonly audiences: string[] = [];
  /** Answers to give before right ones: a status, or a text in the place of the document. */
  readonly faults: (number | string)[] = [];
  private readonly jobs = new Map<string, Job>();

  /** @param origin where it is reached; its own host's unless told */
  constructor(
    private readonly issuer: Issuer,
    private readonly origin = `https://${RUNNER_HOST}`,
  ) {}

  /** Starts a job and says what its steps find in their environment. */
  start(job: Job): JobEnvironment {
    const credential = randomBytes(32).toString("base64url");
    this.jobs.set(credential, job);
    return {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${this.origin}/1//idtoken/plan/job?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: credential,
    };
  }

  /** Answers a request for its host. Mount it as it is. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    const fault = this.faults.shift();
    if (fault !== undefined) {
      response.writeHead(typeof fault === "number" ? fault : 200, { "content-type": "application/json" });
      response.end(typeof fault === "number" ? "{}" : fault);
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? "/", this.origin);
    const job = this.jobs.get((request.headers.authorization ?? "").replace(/^Bearer /, ""));
    if (request.method !== "GET" || pathname !== "/1//idtoken/plan/job") {
      response.writeHead(404).end();
      return;
    }
    if (job === undefined) {
      response.writeHead(401).end();
      return;
    }
    const audience = searchParams.get("audience") ?? `https://github.com/${job.repository.split("/")[0] ?? ""}`;
    this.audiences.push(audience);
    const value = this.issuer.sign(this.issuer.claimsOf(job, audience));
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ count: value.length, value }));
  };

  describe(): string {
    return "GitHub's tokens for jobs: stand-in (answers on loopback)";
  }
}
