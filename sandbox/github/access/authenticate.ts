/** From the Authorization header to the caller. */
import { verify } from "node:crypto";
import { badCredentials, jwtRefused, undecodableJwt } from "../http/errors.js";
import type { State } from "../state/state.js";
import type { App } from "../state/types.js";
import type { Credential, Credentials } from "./credentials.js";

/** GitHub lets an App's token live ten minutes and its clock be a minute ahead. */
const LONGEST_SECONDS = 600;
const SKEW_SECONDS = 60;

/** The caller, or a 401. `Bearer` and `token` mean the same; Basic carries the value as the second part. */
export function authenticate(header: string | undefined, credentials: Credentials, state: State): Credential {
  if (header === undefined || header === "") return { kind: "anonymous" };
  const value = presented(header);
  if (value === undefined) throw badCredentials();
  if (/^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(value)) return { kind: "app", app: verifiedApp(value, state) };
  const found = credentials.find(value);
  if (!found) throw badCredentials();
  return found;
}

function presented(header: string): string | undefined {
  const match = /^(bearer|token|basic) +(\S+) *$/i.exec(header);
  if (!match?.[2]) return undefined;
  if (match[1]?.toLowerCase() !== "basic") return match[2];
  const pair = Buffer.from(match[2], "base64").toString("latin1");
  return pair.slice(pair.indexOf(":") + 1) || pair.replace(/:$/, "");
}

/** The App whose JSON web token this is: RS256, `iss` the App's id or client id, `iat` past, `exp` within ten minutes. */
function verifiedApp(value: string, state: State): App {
  const [header = "", payload = "", signature = ""] = value.split(".");
  const claims = decode(payload);
  const issuer = typeof claims.iss === "string" || typeof claims.iss === "number" ? String(claims.iss) : "";
  const app = state.apps.find((one) => String(one.id) === issuer || one.clientId === issuer);
  if (!app || decode(header).alg !== "RS256") throw undecodableJwt();
  const genuine = verify(
    "sha256",
    Buffer.from(`${header}.${payload}`),
    app.verifier,
    Buffer.from(signature, "base64url"),
  );
  if (!genuine) throw undecodableJwt();

  const now = state.milliseconds() / 1000;
  const issued = Number(claims.iat);
  const expires = Number(claims.exp);
  if (!Number.isFinite(expires) || expires <= now) {
    throw jwtRefused(
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (expires > now + LONGEST_SECONDS + SKEW_SECONDS) {
    throw jwtRefused("'Expiration time' claim ('exp') is too far in the future");
  }
  if (!Number.isFinite(issued) || issued > now + SKEW_SECONDS) {
    throw jwtRefused(
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  return app;
}

function decode(part: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    if (typeof parsed === "object" && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // falls through to the refusal
  }
  throw undecodableJwt();
}
