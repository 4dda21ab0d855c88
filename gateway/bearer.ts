/** The job's token as it comes in: size and form, before anything of it is believed. */
import { Refusal } from "./refusal.js";
import { parseStrictObject } from "./strictJson.js";

/** GitHub's are about 2 KiB. Bytes of the header's value. */
const LONGEST = 8192;

/** A compact JWS (RFC 7515, 7.1) that nobody has verified yet. */
export interface Unverified {
  readonly compact: string;
  /** Which of the issuer's keys is said to have signed it. */
  readonly kid: string;
}

/** Header parameters that bring a key, or change how the token is to be read. GitHub sets none of them. */
const FOREIGN = ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc"];

/**
 * Takes the token out of `Authorization: Bearer …`. Two such headers come joined by a comma and are no token any more.
 * Throws a Refusal.
 */
export function readBearer(authorization: string | null): Unverified {
  if (authorization === null || authorization === "") {
    throw new Refusal("bearer.missing");
  }
  if (authorization.length > LONGEST) {
    throw new Refusal("bearer.size", `${String(authorization.length)} bytes`);
  }
  const compact = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i.exec(authorization)?.[1];
  if (compact === undefined) {
    throw new Refusal("bearer.form");
  }
  return { compact, kid: readKid(compact.slice(0, compact.indexOf("."))) };
}

function readKid(part: string): string {
  const header = parseStrictObject(decodePart(part));
  const foreign = FOREIGN.find((name) => header !== undefined && Object.hasOwn(header, name));
  if (header === undefined || foreign !== undefined || !isJwt(header["typ"])) {
    throw new Refusal("jwt.header", foreign);
  }
  if (header["alg"] !== "RS256") {
    throw new Refusal("jwt.algorithm");
  }
  const kid = header["kid"];
  if (typeof kid !== "string" || !/^[A-Za-z0-9._-]{1,128}$/.test(kid)) {
    throw new Refusal("jwt.kid");
  }
  return kid;
}

function isJwt(typ: unknown): boolean {
  return typ === undefined || typ === "JWT";
}

/** Base64url of a token's part; nothing when it is none. */
function decodePart(part: string): Uint8Array {
  try {
    return Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
      character.charCodeAt(0),
    );
  } catch {
    return new Uint8Array();
  }
}
