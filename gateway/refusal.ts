/** Refusals: one answer for the caller, whatever the reason; the reason is for the log. */

/** Why a request was refused. The log's word for it; tests name each. */
export type Reason =
  // The gateway itself
  | "policy"
  | "credential"
  // The request
  | "scheme"
  | "host"
  | "method"
  | "path"
  | "zone"
  | "query"
  | "body.type"
  | "body.size"
  | "body.form"
  | "body.encoding"
  | "record.type"
  | "record.name"
  // The job's token: its form
  | "bearer.missing"
  | "bearer.form"
  | "bearer.size"
  | "jwt.header"
  | "jwt.algorithm"
  | "jwt.kid"
  | "jwt.kid.unknown"
  | "jwt.signature"
  | "jwt.payload"
  // Its claims
  | "claim.iss"
  | "claim.aud"
  | "claim.times"
  | "claim.exp"
  | "claim.nbf"
  | "claim.iat"
  | "claim.lifetime"
  | "claim.repository_owner_id"
  | "claim.repository_id"
  | "claim.event_name"
  | "claim.ref"
  | "claim.ref_type"
  | "claim.workflow_ref"
  | "claim.job_workflow_ref"
  | "claim.environment"
  | "claim.runner_environment"
  | "claim.run"
  // Others
  | "issuer.unavailable"
  | "issuer.pause"
  | "api.unavailable"
  | "api.redirect"
  | "api.credential"
  | "api.form"
  | "internal";

/** The statuses of refusals: not allowed; the API behind answers wrongly; nothing can be decided now. */
type Status = 403 | 502 | 503;

const STATUS: Partial<Record<Reason, Status>> = {
  policy: 503,
  credential: 503,
  "issuer.unavailable": 503,
  "issuer.pause": 503,
  internal: 503,
  "api.unavailable": 502,
  "api.redirect": 502,
  "api.credential": 502,
  "api.form": 502,
};

/** Thrown wherever a request turns out not to be one that is forwarded. */
export class Refusal extends Error {
  /** @param detail for the log: names and numbers of ours, never a part of a token or of a body. */
  constructor(
    readonly reason: Reason,
    readonly detail?: string,
  ) {
    super(reason);
    this.name = "Refusal";
  }

  get status(): Status {
    return STATUS[this.reason] ?? 403;
  }
}

/** In the form of Cloudflare's API, so that its clients say that they were refused and not that they cannot read it. */
const BODY = JSON.stringify({
  success: false,
  errors: [{ code: 10000, message: "refused by the gateway; its log says why" }],
  messages: [],
  result: null,
});

/** Headers of every answer: nothing of it is kept on the way, nothing guesses at its type. */
export const ANSWER_HEADERS = {
  "cache-control": "no-store",
  "content-type": "application/json",
  "x-content-type-options": "nosniff",
} as const;

/** Seconds after which nothing that is refused for now (503) is refused for the same reason; clients wait as long. */
const RETRY_AFTER = { "retry-after": "5" };

/** The one answer to all that is refused: the same bytes for every reason. */
export function refuse(status: Status): Response {
  return new Response(BODY, { status, headers: { ...ANSWER_HEADERS, ...(status === 503 ? RETRY_AFTER : {}) } });
}
