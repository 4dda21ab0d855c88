import { z } from "zod";

import type { Fault } from "../fault.js";
import type { VercelSettings } from "../model/vercel.js";
import { bearer } from "../seal/bearer.js";
import type { Secret } from "../seal/secret.js";
import { GITHUB_API, githubHeaders, noCredential, type Observed, refusal } from "./github.js";
import type { Answer, Get } from "./http.js";

const VERCEL_API = "https://api.vercel.com";

/** A deployment that GitHub knows of: who made it, and for which environment. */
export interface MadeDeployment {
  readonly by: string;
  readonly environment: string;
}

/** What a project is connected to. */
export interface ProjectLink {
  /** `undefined` when it is connected to no repository. */
  readonly git: { readonly type: string; readonly repository: string } | undefined;
  /** Names of its deploy hooks. Their addresses are secrets of their own and are not kept. */
  readonly hooks: readonly string[];
  /** Whether Vercel makes a deployment at GitHub for each that it makes. */
  readonly atGithub: boolean;
}

/** Shapes: GitHub REST API 2022-11-28, "List deployments"; Vercel's GET /v9/projects/{idOrName} as in @vercel/sdk 1.28. */
const deploymentsSchema = z.array(
  z.object({ creator: z.object({ login: z.string() }).nullish(), environment: z.string().nullish() }),
);
const projectSchema = z.object({
  link: z
    .object({
      type: z.string(),
      // GitHub: org and repo; Bitbucket: owner and slug; GitLab: namespace and project.
      org: z.string().optional(),
      repo: z.string().optional(),
      owner: z.string().optional(),
      slug: z.string().optional(),
      projectNameWithNamespace: z.string().optional(),
      deployHooks: z.array(z.object({ name: z.string() })).optional(),
    })
    .nullish(),
  gitProviderOptions: z.object({ createDeployments: z.string().optional() }).nullish(),
});

/** The latest deployments of a repository as GitHub has them, the newest first, at most a hundred. */
export async function observeDeployments(
  get: Get,
  repository: string,
  env: NodeJS.ProcessEnv,
): Promise<Observed<readonly MadeDeployment[]>> {
  const where = `GitHub ${repository}`;
  const headers = githubHeaders(env);
  if (headers === undefined) {
    return { unreachable: noCredential(where) };
  }
  const answer = await get(`${GITHUB_API}/repos/${repository}/deployments?per_page=100`, headers);
  const parsed = answer.ok ? deploymentsSchema.safeParse(answer.body).data : undefined;
  if (parsed === undefined) {
    return {
      unreachable: refusal(where, answer, {
        what: "the token may not list the repository's deployments, which show who deploys it",
        repair:
          "give the App the permission Deployments: Read-only, and list deployments: read in github.app.permissions",
      }),
    };
  }
  return {
    seen: parsed.map(({ creator, environment }) => ({
      by: creator?.login ?? "nobody",
      environment: environment ?? "",
    })),
  };
}

/** What Vercel says of a project. One request, of whose answer only the link is kept. */
export async function observeProject(
  get: Get,
  name: string,
  team: VercelSettings["team"],
  credential: Secret,
): Promise<Observed<ProjectLink>> {
  const query = team === undefined ? "" : `?${team.startsWith("team_") ? "teamId" : "slug"}=${team}`;
  const headers = { accept: "application/json", "user-agent": "p24-infra", ...bearer(credential) };
  const answer = await get(`${VERCEL_API}/v9/projects/${name}${query}`, headers);
  const parsed = answer.ok ? projectSchema.safeParse(answer.body).data : undefined;
  if (parsed === undefined) {
    return { unreachable: vercelRefusal(`Vercel project ${name}`, answer) };
  }
  const { link, gitProviderOptions } = parsed;
  return {
    seen: {
      git: link ? { type: link.type, repository: repositoryOf(link) } : undefined,
      hooks: (link?.deployHooks ?? []).map((hook) => hook.name),
      atGithub: gitProviderOptions?.createDeployments !== "disabled",
    },
  };
}

/** An environment variable of a project: its name and where it is set (`production`). Its value is not kept. */
export interface ProjectVariable {
  readonly name: string;
  readonly targets: readonly string[];
}

const variablesSchema = z.object({
  envs: z.array(z.object({ key: z.string(), target: z.union([z.string(), z.array(z.string())]).nullish() })),
});

/**
 * The names of a project's environment variables (GET /v10/projects/{idOrName}/env as in @vercel/sdk 1.28), never asked to be
 * decrypted. Vercel sends the values of variables of the type `plain` all the same; only names leave this function.
 */
export async function observeVariables(
  get: Get,
  name: string,
  team: VercelSettings["team"],
  credential: Secret,
): Promise<Observed<readonly ProjectVariable[]>> {
  const query = team === undefined ? "" : `?${team.startsWith("team_") ? "teamId" : "slug"}=${team}`;
  const headers = { accept: "application/json", "user-agent": "p24-infra", ...bearer(credential) };
  const answer = await get(`${VERCEL_API}/v10/projects/${name}/env${query}`, headers);
  const parsed = answer.ok ? variablesSchema.safeParse(answer.body).data : undefined;
  return parsed === undefined
    ? { unreachable: vercelRefusal(`Vercel project ${name}`, answer) }
    : { seen: parsed.envs.map(({ key, target }) => ({ name: key, targets: [target ?? []].flat() })) };
}

type Link = NonNullable<z.infer<typeof projectSchema>["link"]>;

function repositoryOf({ org, repo, owner, slug, projectNameWithNamespace: project }: Link): string {
  return project ?? `${org ?? owner ?? "?"}/${repo ?? slug ?? "?"}`;
}

function vercelRefusal(where: string, answer: Answer): Fault {
  switch (answer.ok ? undefined : answer.status) {
    case 401:
    case 403: {
      const repair =
        "renew vercel_token: https://vercel.com/account/settings/tokens, then sops edit secrets/stack.sops.yaml";
      return { where, what: `Vercel does not accept the token for it (${answerOf(answer)})`, repair };
    }
    case 404: {
      const repair = "correct vercel.projects or vercel.team in the settings";
      return { where, what: "there is no such project, or the token cannot see it (404)", repair };
    }
    case 429:
      return { where, what: "Vercel limits the rate of requests (429)", repair: "wait a few minutes and run again" };
    case undefined:
      return { where, what: "api.vercel.com gave no usable answer", repair: "check the network and run again" };
    default: {
      const repair = "see vercel-status.com and run again";
      return { where, what: `Vercel answered ${answerOf(answer)}`, repair };
    }
  }
}

function answerOf(answer: Answer): string {
  return answer.ok ? "something unknown" : String(answer.status);
}
