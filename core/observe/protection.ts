import { z } from "zod";

import type { Fault } from "../fault.js";
import { type Forbidden, GITHUB_API, githubHeaders, noCredential, type Observed, refusal } from "./github.js";
import type { Answer, Get } from "./http.js";

/**
 * What GitHub says of a repository's own protection. `not shown`: the token may not see it, or the plan does not have it;
 * GitHub leaves the field out in both cases.
 */
export type FeatureState = "enabled" | "disabled" | "not shown";

export interface Protection {
  readonly private: boolean;
  readonly secretScanning: FeatureState;
  readonly pushProtection: FeatureState;
  /** Whether GitHub calls the token's holder an administrator; then what is not shown is not in the plan. */
  readonly isAdmin: boolean;
}

/** GitHub REST API 2022-11-28, "Get a repository" and "Update a repository". */
const feature = z.object({ status: z.enum(["enabled", "disabled"]) }).optional();
const repositorySchema = z.object({
  private: z.boolean(),
  permissions: z.object({ admin: z.boolean() }).optional(),
  security_and_analysis: z.object({ secret_scanning: feature, secret_scanning_push_protection: feature }).nullish(),
});

const FORBIDDEN: Forbidden = {
  what: "the token may not change the repository's settings",
  repair:
    "run it once as an administrator (GITHUB_TOKEN=$(gh auth token)), or give the App the optional permission Administration: read and write",
};

const addressOf = (owner: string, repository: string) => `${GITHUB_API}/repos/${owner}/${repository}`;

/** Reads it with one request. */
export async function observeProtection(
  get: Get,
  owner: string,
  repository: string,
  env: NodeJS.ProcessEnv,
): Promise<Observed<Protection>> {
  const where = `GitHub ${owner}/${repository}`;
  const headers = githubHeaders(env);
  return headers === undefined
    ? { unreachable: noCredential(where) }
    : read(where, await get(addressOf(owner, repository), headers));
}

/** Switches secret scanning and push protection on, and gives what GitHub then says of them. */
export async function switchOn(
  send: (url: string, headers: Record<string, string>) => Promise<Answer>,
  owner: string,
  repository: string,
  env: NodeJS.ProcessEnv,
): Promise<Observed<Protection>> {
  const where = `GitHub ${owner}/${repository}`;
  const headers = githubHeaders(env);
  if (headers === undefined) {
    return { unreachable: noCredential(where) };
  }
  const answer = await send(addressOf(owner, repository), headers);
  return !answer.ok && answer.status === 422 ? { unreachable: notInPlan(where) } : read(where, answer);
}

/** The plan decides: free for public repositories, GitHub Secret Protection for private ones. */
export function notInPlan(where: string): Fault {
  return {
    where,
    what: "GitHub does not offer push protection for this repository in its plan",
    repair: "buy GitHub Secret Protection, or leave it to the hooks and p24 guard, which need no plan",
  };
}

function read(where: string, answer: Answer): Observed<Protection> {
  const parsed = answer.ok ? repositorySchema.safeParse(answer.body) : undefined;
  if (parsed?.success !== true) {
    return { unreachable: refusal(where, answer, FORBIDDEN) };
  }
  const { private: isPrivate, permissions, security_and_analysis: shown } = parsed.data;
  return {
    seen: {
      private: isPrivate,
      secretScanning: shown?.secret_scanning?.status ?? "not shown",
      pushProtection: shown?.secret_scanning_push_protection?.status ?? "not shown",
      isAdmin: permissions?.admin === true,
    },
  };
}
