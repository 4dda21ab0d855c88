/**
 * What a verified token says, held against the policy. Pure.
 *
 * Claims and their meaning: docs.github.com, "OpenID Connect reference". All of GitHub's numbers come as text.
 */
import type { Caller, CompiledPolicy } from "./policy.js";
import { type Reason, Refusal } from "./refusal.js";
import { parseStrictObject } from "./strictJson.js";

export const ISSUER = "https://token.actions.githubusercontent.com";

/** How far GitHub's clock and ours may be apart, in seconds. */
const SKEW_S = 60;
/** The longest time from `iat` to `exp`, in seconds. GitHub's tokens live five minutes; ours are no more than three times that. */
const LONGEST_LIFE_S = 900;

/** Who calls: for the record of who changed what. Nothing here decides. */
export interface Run {
  readonly repository: string;
  readonly repository_id: string;
  readonly run_id: string;
  readonly run_attempt: string;
  readonly actor: string;
  readonly actor_id: string;
  readonly sha: string;
  readonly ref: string;
  readonly workflow_ref: string;
  readonly event_name: string;
}
const RUN = [
  ...["repository", "repository_id", "run_id", "run_attempt", "actor", "actor_id", "sha"],
  ...["ref", "workflow_ref", "event_name"],
] as const;

/** A job that the policy lets in. */
export interface Admitted {
  readonly caller: Caller;
  readonly run: Run;
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * Reads the payload of a token whose signature was verified, and admits its job. Throws a Refusal.
 * @param nowS seconds since 1970
 */
export function admit(payload: Uint8Array, policy: CompiledPolicy, nowS: number): Admitted {
  const claims = parseStrictObject(payload);
  if (claims === undefined) {
    throw new Refusal("jwt.payload");
  }
  check(claims["iss"] === ISSUER, "claim.iss");
  // GitHub sends one text. A list, even of ours alone, was not made by the step that our jobs run.
  check(claims["aud"] === policy.audience, "claim.aud");
  checkTimes(claims, nowS);
  check(claims["repository_owner_id"] === policy.ownerId, "claim.repository_owner_id");
  const caller = chooseCaller(claims, policy.callers);
  return { caller, run: readRun(claims) };
}

function check(holds: boolean, reason: Reason): void {
  if (!holds) {
    throw new Refusal(reason);
  }
}

function checkTimes(claims: Claims, nowS: number): void {
  const [exp, nbf, iat] = ["exp", "nbf", "iat"].map((name) => claims[name]);
  if (!isSeconds(exp) || !isSeconds(nbf) || !isSeconds(iat)) {
    throw new Refusal("claim.times");
  }
  check(nowS < exp + SKEW_S, "claim.exp");
  check(nbf <= nowS + SKEW_S, "claim.nbf");
  check(iat <= nowS + SKEW_S, "claim.iat");
  check(exp > iat && exp - iat <= LONGEST_LIFE_S, "claim.lifetime");
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/**
 * The first caller that fits as a whole. None does: the refusal names the claim at which the caller that came furthest
 * failed.
 */
function chooseCaller(claims: Claims, callers: readonly Caller[]): Caller {
  let furthest = -1;
  let reason: Reason = "claim.repository_id";
  for (const caller of callers) {
    const failed = CHECKS.findIndex(([, holds]) => !holds(claims, caller));
    if (failed === -1) {
      return caller;
    }
    if (failed > furthest) {
      furthest = failed;
      reason = reasonOf(failed, caller);
    }
  }
  throw new Refusal(reason);
}

/** In this order. `true` in place of a reason: the one that the caller's own claim of the workflow has. */
const CHECKS: readonly (readonly [Reason | true, (claims: Claims, caller: Caller) => boolean])[] = [
  ["claim.repository_id", (claims, caller) => claims["repository_id"] === caller.repositoryId],
  ["claim.event_name", (claims, caller) => has(caller.events, claims["event_name"])],
  ["claim.ref", (claims, caller) => has(caller.refs, claims["ref"])],
  ["claim.ref_type", (claims) => claims["ref_type"] === refType(claims["ref"])],
  [true, (claims, caller) => has(caller.workflows, claims[caller.workflowClaim])],
  [
    "claim.environment",
    (claims, caller) => caller.environment === undefined || claims["environment"] === caller.environment,
  ],
  ["claim.runner_environment", (claims, caller) => claims["runner_environment"] === caller.runner],
];

function reasonOf(failed: number, caller: Caller): Reason {
  const reason = CHECKS[failed]?.[0] ?? true;
  return reason === true ? `claim.${caller.workflowClaim}` : reason;
}

function has(allowed: ReadonlySet<string>, value: unknown): boolean {
  return typeof value === "string" && allowed.has(value);
}

function refType(ref: unknown): string {
  return String(ref).startsWith("refs/tags/") ? "tag" : "branch";
}

/** Without knowing whose job it is nothing is changed: all of it has to be there. */
function readRun(claims: Claims): Run {
  const run = Object.fromEntries(RUN.map((name) => [name, claims[name]]));
  check(
    Object.values(run).every((value) => typeof value === "string" && value.length > 0 && value.length <= 512),
    "claim.run",
  );
  return run as unknown as Run;
}
