import { open, type Secret } from "./secret.js";

/** The header that shows a credential to the API that it is for. It goes into one request and is kept nowhere. */
export function bearer(credential: Secret): Record<string, string> {
  return { authorization: `Bearer ${open(credential)}` };
}
