/** Requests to Cloudflare's API as the official plugin makes them: credential and base from the environment. */
import { randomBytes } from "node:crypto";

import { Failure } from "../wire/failure.js";

export const DEFAULT_BASE = "https://api.cloudflare.com/client/v4";

/** An answer of the API: its JSON, or the text of what is none. */
export interface Answer {
  readonly result: unknown;
  readonly text: string;
}

export interface Request {
  readonly method: "DELETE" | "GET" | "POST" | "PUT";
  /** Below the base: `accounts/…`. */
  readonly path: string;
  readonly json?: unknown;
  readonly form?: readonly Part[];
}

/** A part of a form; one that is a file has the form's name of it. */
export interface Part {
  readonly name: string;
  readonly file: boolean;
  readonly type: string;
  readonly text: string;
}

/** Sends a request; a refusal is a Failure in the words of the official plugin, with status and body of the answer. */
export async function ask(request: Request): Promise<Answer> {
  return send(request, false) as Promise<Answer>;
}

/** The same for reading, where 404 is no failure: `undefined`. */
export async function find(request: Request): Promise<Answer | undefined> {
  return send(request, true);
}

async function send({ method, path, json, form }: Request, mayBeGone: boolean): Promise<Answer | undefined> {
  // Loaded with the first request, because a preview sends none.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- tsx's CommonJS hook does not serve import()
  const { EnvHttpProxyAgent, fetch } = require("undici") as typeof import("undici");
  const url = `${(process.env["CLOUDFLARE_BASE_URL"] ?? DEFAULT_BASE).replace(/\/$/, "")}/${path}`;
  const headers = {
    authorization: `Bearer ${process.env["CLOUDFLARE_API_TOKEN"] ?? ""}`,
    "user-agent": "p24-infra stand-in of the cloudflare plugin",
    ...(json === undefined ? {} : { "content-type": "application/json" }),
    ...(form === undefined ? {} : { "content-type": `multipart/form-data; boundary=${BOUNDARY}` }),
  };
  const body = form === undefined ? json && JSON.stringify(json) : encoded(form);
  const response = await fetch(url, {
    method,
    headers,
    dispatcher: new EnvHttpProxyAgent(),
    ...(typeof body === "string" ? { body } : {}),
  }).catch(() => {
    throw new Failure(`failed to make http request: ${method} "${url}": no answer`);
  });
  const text = await response.text();
  if (mayBeGone && response.status === 404) {
    return undefined;
  }
  if (!response.ok) {
    const status = `${String(response.status)} ${response.statusText}`;
    throw new Failure(`failed to make http request: ${method} "${url}": ${status} ${text}`);
  }
  return { result: resultOf(text), text };
}

const BOUNDARY = randomBytes(30).toString("hex");

/** RFC 7578. */
function encoded(parts: readonly Part[]): string {
  const written = parts.map(({ name, file, type, text }) => {
    const disposition = `form-data; name="${name}"${file ? `; filename="${name}"` : ""}`;
    return `--${BOUNDARY}\r\nContent-Disposition: ${disposition}\r\nContent-Type: ${type}\r\n\r\n${text}\r\n`;
  });
  return `${written.join("")}--${BOUNDARY}--\r\n`;
}

function resultOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { result?: unknown }).result;
  } catch {
    return undefined;
  }
}
