import { z } from "zod";

import type { Fault } from "../fault.js";
import type { RepositoryBox } from "../seal/box.js";
import type { Answer, Get } from "./http.js";

/** What can be seen of a repository's Actions secrets: names and when each was last written, never a value. */
export interface RepositoryObservation {
  /** Name to `updated_at`, ISO 8601 with a resolution of one second. */
  readonly secrets: ReadonlyMap<string, string>;
  /** What to seal new values with. */
  readonly box: RepositoryBox;
}

export type Observed<T> = { readonly seen: T } | { readonly unreachable: Fault };

const API = "https://api.github.com";

/** Shapes: GitHub REST API 2022-11-28, "List repository secrets" and "Get a repository public key". */
const listSchema = z.object({ secrets: z.array(z.object({ name: z.string(), updated_at: z.string() })) });
const boxSchema = z.object({ key_id: z.string(), key: z.string() });

/** Reads one repository with two requests and one more for each further hundred secrets. */
export async function observeRepository(
  get: Get,
  owner: string,
  repository: string,
  env: NodeJS.ProcessEnv,
): Promise<Observed<RepositoryObservation>> {
  const where = `GitHub ${owner}/${repository}`;
  const credential = env["GITHUB_TOKEN"];
  if (credential === undefined || credential === "") {
    const repair = "export GITHUB_TOKEN=$(gh auth token), or in a workflow the App's installation token";
    return { unreachable: { where, what: "GITHUB_TOKEN is not set", repair } };
  }
  const headers = headersFor(credential);
  const base = `${API}/repos/${owner}/${repository}/actions/secrets`;
  const [list, box] = await Promise.all([listAll(get, base, headers), get(`${base}/public-key`, headers)]);
  if (!list.ok) {
    return { unreachable: refusal(where, list) };
  }
  const parsedBox = box.ok ? boxSchema.safeParse(box.body) : undefined;
  if (parsedBox?.success !== true) {
    return { unreachable: refusal(where, box) };
  }
  return {
    seen: { secrets: list.secrets, box: { keyId: parsedBox.data.key_id, publicKey: parsedBox.data.key } },
  };
}

/** What every request to GitHub's REST API carries. */
export function headersFor(credential: string): Record<string, string> {
  return {
    accept: "application/vnd.github+json",
    authorization: `Bearer ${credential}`,
    "user-agent": "p24-infra",
    "x-github-api-version": "2022-11-28",
  };
}

type Listed = { readonly ok: true; readonly secrets: Map<string, string> } | Extract<Answer, { ok: false }>;

async function listAll(get: Get, base: string, headers: Record<string, string>): Promise<Listed> {
  const secrets = new Map<string, string>();
  for (let page = 1; ; page += 1) {
    const answer = await get(`${base}?per_page=100&page=${String(page)}`, headers);
    if (!answer.ok) {
      return answer;
    }
    const parsed = listSchema.safeParse(answer.body);
    if (!parsed.success) {
      return { ok: false, status: undefined, retryAfter: undefined };
    }
    for (const secret of parsed.data.secrets) {
      secrets.set(secret.name.toUpperCase(), secret.updated_at);
    }
    if (!/\brel="next"/.test(answer.link ?? "")) {
      return { ok: true, secrets };
    }
  }
}

/** What a refused or useless answer is to people. */
export function refusal(where: string, answer: Answer): Fault {
  if (!answer.ok && (answer.status === 429 || (answer.status === 403 && answer.retryAfter !== undefined))) {
    const what = `GitHub limits the rate of requests (${String(answer.status)})`;
    return { where, what, repair: "wait a few minutes and run again" };
  }
  switch (answer.ok ? undefined : answer.status) {
    case 401:
      return { where, what: "GitHub does not accept the token (401)", repair: "renew GITHUB_TOKEN: gh auth login" };
    case 403:
      return {
        where,
        what: "the token may not read or write the repository's Actions secrets (403)",
        repair: "give the App the permission Secrets: read and write, and accept it in the installation",
      };
    case 404:
      return {
        where,
        what: "the repository does not exist or the token cannot see it (404)",
        repair: "correct github.repositories in the settings, or install the App on the repository",
      };
    case undefined:
      return { where, what: "api.github.com gave no usable answer", repair: "check the network and run again" };
    default:
      return {
        where,
        what: `GitHub answered ${String(answer.ok ? "something unknown" : answer.status)}`,
        repair: "see githubstatus.com and run again",
      };
  }
}
