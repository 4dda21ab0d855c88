/** What a read-only request gave: a document, or why there is none. */
export type Answer =
  | { readonly ok: true; readonly status: number; readonly body: unknown; readonly link: string | undefined }
  | { readonly ok: false; readonly status: number | undefined; readonly retryAfter: string | undefined };

/** With `query` it is a POST of that document: GraphQL reads with a POST. */
export type Get = (url: string, headers: Record<string, string>, query?: object) => Promise<Answer>;

const NO_CONTENT = 204;
/** What comes as text: a Worker's modules, its script. Everything else is JSON. */
const TEXT = /^(?:multipart\/|(?:application|text)\/javascript)/;
const TRIES = 3;
const TIMEOUT_MS = 15_000;
const LONGEST_WAIT_MS = 10_000;

/**
 * The program's one HTTP door. It honours HTTPS_PROXY and NO_PROXY (Node's own fetch does so from version 24 on only),
 * repeats what a server asks to repeat (429 and 5xx), and never throws a library's error.
 */
export async function openHttpDoor(): Promise<Get> {
  return openDoor("GET");
}

/** What `openDeletingDoor` lets through: one Actions secret of one repository, by name. */
const DELETABLE = /^https:\/\/api\.github\.com\/repos\/[\w.-]+\/[\w.-]+\/actions\/secrets\/[A-Z_][A-Z0-9_]*$/;

/**
 * The same door for the only thing that is ever deleted without the engine: a GitHub secret that is retired by name. Throws
 * a TypeError for every other address.
 */
export async function openDeletingDoor(): Promise<Get> {
  const send = await openDoor("DELETE");
  return (url, headers) => {
    if (!DELETABLE.test(url)) {
      throw new TypeError("only a repository's Actions secret is deleted here");
    }
    return send(url, headers);
  };
}

/** What `openBindingDoor` lets through: the secrets of one Worker. */
const BINDABLE =
  /^https:\/\/api\.cloudflare\.com\/client\/v4\/accounts\/[0-9a-f]{32}\/workers\/scripts\/[a-z0-9-]+\/secrets$/;

/**
 * The same door for the only thing that is ever written without the engine: a Worker's secret, `query` being what is sent.
 * Throws a TypeError for every other address.
 */
export async function openBindingDoor(): Promise<Get> {
  const send = await openDoor("PUT");
  return (url, headers, query) => {
    if (!BINDABLE.test(url)) {
      throw new TypeError("only a Worker's secret is written here");
    }
    return send(url, headers, query);
  };
}

/** What `openProtectingDoor` lets through: the settings of one repository. */
const REPOSITORY = /^https:\/\/api\.github\.com\/repos\/[\w.-]+\/[\w.-]+$/;

/** The part of a repository's settings that is ever changed here: secret scanning and push protection, to be switched on. */
const PROTECTION = {
  security_and_analysis: {
    secret_scanning: { status: "enabled" },
    secret_scanning_push_protection: { status: "enabled" },
  },
} as const;

/**
 * The same door for switching a repository's push protection on. What it sends is always the same; GitHub's answer is the
 * repository. Throws a TypeError for every other address.
 */
export async function openProtectingDoor(): Promise<(url: string, headers: Record<string, string>) => Promise<Answer>> {
  const send = await openDoor("PATCH");
  return (url, headers) => {
    if (!REPOSITORY.test(url)) {
      throw new TypeError("only a repository's own settings are changed here");
    }
    return send(url, headers, PROTECTION);
  };
}

/** What `openTellingDoor` lets through: a webhook of a channel, and the messages that it has sent. */
const TELLABLE: Readonly<Record<"POST" | "PATCH", RegExp>> = {
  POST: /^https:\/\/discord\.com\/api\/webhooks\/\d{1,20}\/[\w-]+\?wait=true$/,
  PATCH: /^https:\/\/discord\.com\/api\/webhooks\/\d{1,20}\/[\w-]+\/messages\/\d{1,20}$/,
};

/**
 * The same door for alerts: a message to one channel of Discord, or a change of one that was sent. Throws a TypeError for
 * every other address, without the address: it is a credential.
 */
export async function openTellingDoor(method: "POST" | "PATCH"): Promise<Get> {
  return onlyTo(method, [TELLABLE[method]], "only a channel's webhook is told here");
}

/** What `openReportingDoor` lets through: comments, issues and pull requests of one repository, and no setting of it. */
const REPORTABLE: Readonly<Record<"POST" | "PATCH", readonly RegExp[]>> = {
  POST: [
    /^https:\/\/api\.github\.com\/repos\/[\w.-]+\/[\w.-]+\/(?:issues|pulls|issues\/\d+\/comments|commits\/[0-9a-f]{40}\/comments)$/,
  ],
  PATCH: [/^https:\/\/api\.github\.com\/repos\/[\w.-]+\/[\w.-]+\/(?:issues\/\d+|issues\/comments\/\d+|comments\/\d+)$/],
};

/** The same door for what a run reports to GitHub. Throws a TypeError for every other address. */
export async function openReportingDoor(method: "POST" | "PATCH"): Promise<Get> {
  return onlyTo(method, REPORTABLE[method], "only comments, issues and pull requests are written here");
}

async function onlyTo(method: "POST" | "PATCH", addresses: readonly RegExp[], what: string): Promise<Get> {
  const send = await openDoor(method);
  return (url, headers, query) => {
    if (!addresses.some((address) => address.test(url))) {
      throw new TypeError(what);
    }
    return send(url, { "content-type": "application/json", ...headers }, query);
  };
}

async function openDoor(method: "GET" | "DELETE" | "PUT" | "PATCH" | "POST"): Promise<Get> {
  const { EnvHttpProxyAgent, fetch } = await import("undici/index-fetch.js");
  const dispatcher = new EnvHttpProxyAgent({ connect: { timeout: TIMEOUT_MS } });
  return async (url, headers, query) => {
    const body =
      query === undefined ? {} : { body: JSON.stringify(query), ...(method === "GET" && { method: "POST" }) };
    for (let left = TRIES; ; left -= 1) {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      // A repository that was renamed is read where it is now, and changed by its own name only.
      const redirect = method === "GET" ? "follow" : "manual";
      const answer = await once(() => fetch(url, { method, ...body, headers, dispatcher, signal, redirect }));
      // A POST whose answer was lost may have made its comment or message: once more would make two.
      const isWorth = method === "POST" ? wasLimited : worthRepeating;
      if (answer.ok || left === 1 || !isWorth(answer)) {
        return answer;
      }
      const waitMs = answer.retryAfter === undefined ? 500 : Number(answer.retryAfter) * 1000;
      if (!(waitMs <= LONGEST_WAIT_MS)) {
        return answer;
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  };
}

function worthRepeating(answer: Extract<Answer, { ok: false }>): boolean {
  return answer.status === undefined || answer.status >= 500 || wasLimited(answer);
}

function wasLimited({ status, retryAfter }: Extract<Answer, { ok: false }>): boolean {
  return status === 429 || (status === 403 && retryAfter !== undefined);
}

interface FetchedResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  json(): Promise<unknown>;
  text(): Promise<string>;
}

async function once(request: () => Promise<FetchedResponse>): Promise<Answer> {
  try {
    const response = await request();
    if (!response.ok) {
      return { ok: false, status: response.status, retryAfter: whenToAskAgain(response.headers) };
    }
    const isText = TEXT.test(response.headers.get("content-type") ?? "");
    const body = response.status === NO_CONTENT ? undefined : await (isText ? response.text() : response.json());
    return { ok: true, status: response.status, body, link: response.headers.get("link") ?? undefined };
  } catch {
    return { ok: false, status: undefined, retryAfter: undefined };
  }
}

/**
 * Seconds, or a date. GitHub limits with 429 or 403 and says until when in one of two ways (docs.github.com, "Rate
 * limits for the REST API"); a 403 without either is about permissions.
 */
function whenToAskAgain(headers: FetchedResponse["headers"]): string | undefined {
  const reset = headers.get("x-ratelimit-remaining") === "0" ? headers.get("x-ratelimit-reset") : null;
  const seconds = reset === null ? undefined : String(Math.max(0, Number(reset) - Math.floor(Date.now() / 1000)));
  return headers.get("retry-after") ?? seconds;
}
