/** Refusals in GitHub's words. */
import type { Schema } from "../state/types.js";

/** Ends a request with a status and a body of GitHub's error shapes. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: Schema<"basic-error"> | Schema<"validation-error"> | Schema<"validation-error-simple">,
    readonly headers: Record<string, string> = {},
  ) {
    super(body.message ?? String(status));
  }
}

const DOCS = "https://docs.github.com/rest";

const basic = (status: number, message: string, headers?: Record<string, string>): ApiError =>
  new ApiError(status, { message, documentation_url: DOCS, status: String(status) }, headers);

export const badCredentials = (): ApiError => basic(401, "Bad credentials");
export const authenticationRequired = (): ApiError => basic(401, "Requires authentication");
export const undecodableJwt = (): ApiError => basic(401, "A JSON web token could not be decoded");
export const jwtRefused = (message: string): ApiError => basic(401, message);
export const notFound = (): ApiError => basic(404, "Not Found");
export const badJson = (message = "Problems parsing JSON"): ApiError => basic(400, message);
export const tooLarge = (): ApiError => basic(413, "Payload too large");
export const forbidden = (message: string): ApiError => basic(403, message);

/** What an App's token gets that lacks a permission; the header names the one that it would take. */
export const notForIntegration = (permission?: string): ApiError =>
  basic(
    403,
    "Resource not accessible by integration",
    permission ? { "x-accepted-github-permissions": permission } : {},
  );

/** The same for a fine-grained personal token. */
export const notForPersonal = (permission?: string): ApiError =>
  basic(
    403,
    "Resource not accessible by personal access token",
    permission ? { "x-accepted-github-permissions": permission } : {},
  );

/** 422 with one sentence. Seen at GitHub: `Invalid request.\n\n"key_id" wasn't supplied.` */
export const invalid = (message: string): ApiError => new ApiError(422, { message, documentation_url: DOCS });

/** 422 that names a field of a resource. */
export const invalidField = (resource: string, field: string, code: string): ApiError =>
  new ApiError(422, { message: "Validation Failed", documentation_url: DOCS, errors: [{ resource, field, code }] });

/** A request without a User-Agent does not reach the API. */
export const noUserAgent = (): ApiError =>
  basic(
    403,
    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). Check https://developer.github.com for other possible causes.",
  );

/** The primary limit of an hour is used up. */
export const rateLimited = (who: string): ApiError => basic(403, `API rate limit exceeded for ${who}.`);

/** The secondary limit: too much in too short a time. */
export function secondaryLimited(status: 403 | 429, retryAfter: number | undefined): ApiError {
  return new ApiError(
    status,
    {
      message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
      documentation_url:
        "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
      status: String(status),
    },
    retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
  );
}
