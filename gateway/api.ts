/** Cloudflare's API behind the gateway: requests are built from a `Call`, answers let through when they have its form. */
import type { Call } from "./call.js";
import type { Fetch } from "./jwks.js";
import { readLimited } from "./limited.js";
import { ANSWER_HEADERS, Refusal } from "./refusal.js";
import type { RecordBody } from "./records.js";
import { parseStrictObject } from "./strictJson.js";

const API = "https://api.cloudflare.com/client/v4";
const TIMEOUT_MS = 20_000;
/** Of an answer that is read here and not only passed on. */
const LONGEST_ANSWER_BYTES = 262_144;
/** Headers of the API's answer that reach the caller. */
const PASSED_ON = ["retry-after"];

/** The zone whose calls are forwarded. */
export interface Zone {
  readonly id: string;
  readonly name: string;
}

/** A call that the API answers; a look-up of another zone is answered here. */
export type Forwarded = Exclude<Call, { kind: "zones" }>;

/** Asks the API with the zone's credential. All throw a Refusal when what the API answers is not an answer of its own. */
export interface Api {
  /** Forwards a call that reads. */
  read(call: Forwarded): Promise<Response>;
  /** Forwards a call that writes; `id` is the record's, as the API tells it. */
  write(call: Forwarded, body: RecordBody | undefined): Promise<{ response: Response; id: string | undefined }>;
  /** A record as it is now; or the API's answer in its place, when it is another than 200. */
  present(id: string): Promise<{ record: RecordBody } | { instead: Response }>;
  /** The zone in the form of a list of zones: it alone, whatever else the credential might see. */
  listZone(): Promise<Response>;
}

export function createApi(fetch: Fetch, credential: string, zone: Zone): Api {
  const ask = async (method: string, path: string, body?: RecordBody): Promise<Response> => {
    const response = await send(fetch, `${API}${path}`, {
      method,
      headers: {
        accept: "application/json",
        authorization: `Bearer ${credential}`,
        "user-agent": "p24-gateway",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      // Written anew, so that the API reads what was checked and not what its reader makes of the caller's bytes.
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await checkAnswer(response);
    return response;
  };
  return {
    async read(call) {
      return passOn(await ask("GET", pathOf(call, zone)));
    },
    async write(call, body) {
      const response = await ask(call.method, pathOf(call, zone), body);
      const bytes = await readAnswer(response);
      return { response: passOn(response, bytes), id: idOf(resultOf(bytes)) };
    },
    async present(id) {
      const response = await ask("GET", pathOf({ kind: "record", method: "GET", id }, zone));
      if (response.status !== 200) {
        return { instead: passOn(response) };
      }
      const record = resultOf(await readAnswer(response));
      if (!isObject(record) || record["id"] !== id) {
        throw new Refusal("api.form");
      }
      return { record };
    },
    async listZone() {
      const response = await ask("GET", `/zones?${new URLSearchParams({ name: zone.name }).toString()}`);
      if (response.status !== 200) {
        return passOn(response);
      }
      const zones = resultOf(await readAnswer(response));
      return answerList(Array.isArray(zones) ? (zones as unknown[]).filter((one) => idOf(one) === zone.id) : []);
    },
  };
}

/** The API's path of a call. */
export function pathOf(call: Call, zone: Zone): string {
  switch (call.kind) {
    case "zones":
      return "/zones";
    case "zone":
      return `/zones/${zone.id}`;
    case "records":
      return `/zones/${zone.id}/dns_records${call.search === "" ? "" : `?${call.search}`}`;
    case "record":
      return `/zones/${zone.id}/dns_records/${call.id}`;
  }
}

async function send(fetch: Fetch, url: string, init: Parameters<Fetch>[1]): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    throw new Refusal("api.unavailable");
  }
}

/** What the API answers is JSON. A redirection is not followed: it would carry the credential elsewhere. */
async function checkAnswer(response: Response): Promise<void> {
  const reason =
    response.status >= 300 && response.status < 400
      ? "api.redirect"
      : response.status === 401 || response.status === 403
        ? "api.credential"
        : /^application\/json\b/i.test(response.headers.get("content-type") ?? "")
          ? undefined
          : "api.form";
  if (reason !== undefined) {
    await response.body?.cancel();
    throw new Refusal(reason, `status ${String(response.status)}`);
  }
}

/** The API's answer with our headers and the few of its own that say something to a client. */
function passOn(response: Response, bytes?: Uint8Array<ArrayBuffer>): Response {
  const passed = PASSED_ON.flatMap((name): [string, string][] => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  const headers = [...Object.entries(ANSWER_HEADERS), ...passed];
  return new Response(bytes ?? response.body, { status: response.status, headers });
}

async function readAnswer(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readLimited(response.body, LONGEST_ANSWER_BYTES);
  } catch {
    throw new Refusal("api.form", "cut short or too long");
  }
}

function resultOf(bytes: Uint8Array): unknown {
  return parseStrictObject(bytes)?.["result"];
}

function isObject(value: unknown): value is RecordBody {
  return typeof value === "object" && value !== null;
}

function idOf(value: unknown): string | undefined {
  const id = isObject(value) ? value["id"] : undefined;
  return typeof id === "string" && /^[0-9a-f]{32}$/.test(id) ? id : undefined;
}

/** A list as the API gives it, on one page. */
export function answerList(result: readonly unknown[]): Response {
  const count = result.length;
  return Response.json(
    {
      success: true,
      errors: [],
      messages: [],
      result,
      result_info: { page: 1, per_page: 20, count, total_count: count, total_pages: Math.min(count, 1) },
    },
    { headers: ANSWER_HEADERS },
  );
}
