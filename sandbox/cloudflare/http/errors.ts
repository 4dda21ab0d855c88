/**
 * Refusals in Cloudflare's words: the codes and sentences that the API's clients report in their issue trackers
 * (`errors` of the envelope; `error_chain` where the API has one).
 */
export interface ErrorEntry {
  readonly code: number;
  readonly message: string;
  readonly error_chain?: readonly { readonly code: number; readonly message: string }[];
}

/** Ends a request with a status and the entries of `errors`. */
export class ApiError extends Error {
  readonly errors: readonly ErrorEntry[];
  constructor(
    readonly status: number,
    ...errors: readonly ErrorEntry[]
  ) {
    super(errors[0]?.message ?? String(status));
    this.errors = errors;
  }
}

export const malformedAuthorization = (): ApiError =>
  new ApiError(400, {
    code: 6003,
    message: "Invalid request headers",
    error_chain: [{ code: 6111, message: "Invalid format for Authorization header" }],
  });
export const invalidToken = (): ApiError => new ApiError(403, { code: 9109, message: "Invalid access token" });
/** A token that is right and may not do this; also what it gets for a zone that it cannot see. */
export const authenticationError = (): ApiError => new ApiError(403, { code: 10000, message: "Authentication error" });
export const noRoute = (path: string): ApiError =>
  new ApiError(
    404,
    { code: 7003, message: `Could not route to /client/v4${path}, perhaps your object identifier is invalid?` },
    { code: 7000, message: "No route for that URI" },
  );
export const malformedJson = (): ApiError =>
  new ApiError(400, { code: 6007, message: "Malformed JSON in request body" });
export const tooLarge = (): ApiError => new ApiError(413, { code: 413, message: "Request entity too large" });

export const noWorker = (): ApiError =>
  new ApiError(404, { code: 10007, message: "This Worker does not exist on your account." });

export const noRecord = (): ApiError => new ApiError(404, { code: 81044, message: "Record does not exist." });
export const identicalRecord = (): ApiError =>
  new ApiError(400, { code: 81058, message: "An identical record already exists." });
export const hostTaken = (): ApiError =>
  new ApiError(400, { code: 81053, message: "An A, AAAA, or CNAME record with that host already exists." });
/** What is wrong with a record, as an entry of the chain. */
export const recordInvalid = (code: number, message: string): ApiError =>
  new ApiError(400, { code: 1004, message: "DNS Validation Error", error_chain: [{ code, message }] });
