import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { GITHUB_API, githubHeaders } from "./github.js";
import type { Get } from "./http.js";

/** Where a Vercel token could be stored with GitHub besides the repository's own Actions secrets. */
export interface StoredCredentials {
  /** Names of secrets by place: `organization`, `environment Production`. */
  readonly secrets: ReadonlyMap<string, readonly string[]>;
  /** Lines of workflow files that name one. */
  readonly uses: readonly WorkflowUse[];
  /** What the token may not look at, as it is called: `environment secrets`. */
  readonly unseen: readonly string[];
}

/** A line of a workflow that uses a stored token. */
export interface WorkflowUse {
  /** `.github/workflows/deploy.yml:12`. */
  readonly at: string;
  readonly name: string;
}

/** A Vercel token among the names of secrets: VERCEL_TOKEN, and what people call a second one. */
export function isVercelToken(name: string): boolean {
  return /^VERCEL_(?:[A-Z0-9]+_)*TOKEN$/i.test(name);
}

const FOLDER = ".github/workflows";

/** Shapes: GitHub REST API 2022-11-28, "List environments", "List environment secrets", "List repository organization secrets". */
const environmentsSchema = z.object({ environments: z.array(z.object({ name: z.string() })).optional() });
const secretsSchema = z.object({ secrets: z.array(z.object({ name: z.string() })) });

/** GraphQL: all workflow files of the default branch in one request, where the contents API takes one a file. */
const WORKFLOWS =
  'query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { object(expression: "HEAD:.github/workflows") { ... on Tree { entries { name object { ... on Blob { text } } } } } } }';
const workflowsSchema = z.object({
  data: z.object({
    repository: z.object({
      object: z
        .object({
          entries: z.array(z.object({ name: z.string(), object: z.object({ text: z.string().nullish() }).nullish() })),
        })
        .nullish(),
    }),
  }),
  errors: z.undefined().optional(),
});

/**
 * Looks through a repository, as far as the token may: environments and organization for names, workflow files for uses. The
 * workflow files of the repository that this checkout is of are `checkout`'s, so that a change is seen before it is pushed.
 */
export async function observeStored(
  get: Get,
  repository: string,
  checkout: readonly WorkflowUse[] | undefined,
  env: NodeJS.ProcessEnv,
): Promise<StoredCredentials> {
  const headers = githubHeaders(env) ?? {};
  const ask = (path: string) => get(`${GITHUB_API}/repos/${repository}/${path}`, headers);
  const [organization, environments, uses] = await Promise.all([
    namesOf(ask("actions/organization-secrets?per_page=100")),
    environmentSecrets(ask),
    checkout ?? workflowUses(get, repository, headers),
  ]);
  return {
    secrets: new Map([["organization", organization ?? []] as const, ...(environments ?? [])]),
    uses: uses ?? [],
    unseen: [
      ...(organization === undefined ? ["organization secrets"] : []),
      ...(environments === undefined ? ["environment secrets"] : []),
      ...(uses === undefined ? ["workflow files"] : []),
    ],
  };
}

/** The uses in the workflow files of a checkout. */
export async function observeCheckoutUses(root: string): Promise<readonly WorkflowUse[]> {
  const names = await readdir(join(root, FOLDER)).catch((): string[] => []);
  const texts = await Promise.all(
    names.sort().map(async (name) => [name, await readFile(join(root, FOLDER, name), "utf8").catch(() => "")] as const),
  );
  return texts.flatMap(([name, text]) => usesIn(name, text));
}

type Ask = (path: string) => ReturnType<Get>;

/** Names in a list of secrets. A repository of a person has no organization: 404 is an empty list. */
async function namesOf(asked: ReturnType<Get>): Promise<readonly string[] | undefined> {
  const answer = await asked;
  if (!answer.ok) {
    return answer.status === 404 ? [] : undefined;
  }
  return secretsSchema.safeParse(answer.body).data?.secrets.map(({ name }) => name);
}

async function environmentSecrets(ask: Ask): Promise<(readonly [string, readonly string[]])[] | undefined> {
  const answer = await ask("environments?per_page=100");
  const environments = answer.ok ? environmentsSchema.safeParse(answer.body).data?.environments : undefined;
  const found = await Promise.all(
    (environments ?? []).map(async ({ name }) => {
      const names = await namesOf(ask(`environments/${encodeURIComponent(name)}/secrets?per_page=100`));
      return names && ([`environment ${name}`, names] as const);
    }),
  );
  return environments !== undefined && found.every((each) => each !== undefined) ? found : undefined;
}

async function workflowUses(
  get: Get,
  repository: string,
  headers: Record<string, string>,
): Promise<readonly WorkflowUse[] | undefined> {
  const texts = await observeWorkflows(get, repository, headers);
  return texts?.flatMap(({ name, text }) => usesIn(name, text));
}

/** The files below .github/workflows of a repository's default branch; `undefined` when the token may not read them. */
export async function observeWorkflows(
  get: Get,
  repository: string,
  headers: Record<string, string>,
): Promise<readonly { readonly name: string; readonly text: string }[] | undefined> {
  const [owner, name] = repository.split("/");
  const answer = await get(`${GITHUB_API}/graphql`, headers, { query: WORKFLOWS, variables: { owner, name } });
  const parsed = answer.ok ? workflowsSchema.safeParse(answer.body).data : undefined;
  return (
    parsed?.data.repository.object?.entries.map((entry) => ({ name: entry.name, text: entry.object?.text ?? "" })) ??
    (parsed === undefined ? undefined : [])
  );
}

/** Lines of a workflow file that name a Vercel token, comments left out. */
function usesIn(name: string, text: string): WorkflowUse[] {
  if (!/\.ya?ml$/.test(name)) {
    return [];
  }
  return text.split("\n").flatMap((line, index) => {
    const found = /^\s*#/.test(line) ? null : /\bVERCEL_(?:[A-Z0-9]+_)*TOKEN\b/i.exec(line);
    return found === null ? [] : [{ at: `${FOLDER}/${name}:${String(index + 1)}`, name: found[0].toUpperCase() }];
  });
}
