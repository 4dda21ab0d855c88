import { z } from "zod";

import type { Fault } from "../fault.js";
import { type GitHubAppSettings, LEVELS, type Permissions } from "../model/githubApp.js";
import type { Settings } from "../model/settings.js";
import { GITHUB_API, githubHeaders, noCredential, type Observed, refusal } from "./github.js";
import type { Answer, Get } from "./http.js";

/**
 * What the start of a token says about its kind (docs.github.com, "GitHub's token formats"). An App's installation and a
 * workflow's own token look alike; only {@link AppObservation.login} tells them apart.
 */
export type CredentialForm = "installation" | "classic" | "fine-grained" | "user" | "unknown";

/** What can be seen of the App with the token at hand. */
export interface AppObservation {
  readonly form: CredentialForm;
  /** Whom GitHub takes the token's holder for: `p24-infra-bot[bot]`, or a person's login. */
  readonly login: string;
  /** What the App asks for, as its owner set it; `undefined` when the token cannot see an App of that name. */
  readonly asked: Permissions | undefined;
  /** Whether the App belongs to an organization, which has its settings elsewhere. */
  readonly ofOrganization: boolean;
  /** Full names of the repositories that the installation covers, in lower case; `undefined` when the token cannot tell. */
  readonly covered: ReadonlySet<string> | undefined;
  /** Full names of repositories to the permissions that GitHub refused there although the App asks for them. */
  readonly refused: ReadonlyMap<string, readonly string[]>;
}

const FORMS: readonly (readonly [CredentialForm, RegExp])[] = [
  // 40 characters, or about 520 since 2026: `ghs_APPID_JWT`.
  ["installation", /^ghs_[A-Za-z0-9._-]{36,}$/],
  ["classic", /^ghp_[A-Za-z0-9]{36,}$/],
  ["fine-grained", /^github_pat_[A-Za-z0-9_]{36,}$/],
  ["user", /^gh[ou]_[A-Za-z0-9._-]{36,}$/],
];

/** The kind that a token's form belongs to. */
export function credentialForm(value: string): CredentialForm {
  return FORMS.find(([, pattern]) => pattern.test(value))?.[0] ?? "unknown";
}

/**
 * A read-only request for each permission that GitHub refuses with 403 without it (github/docs,
 * src/github-apps/data, "server-to-server-permissions"). Secrets are missing here: their list is asked for anyway.
 * That a token may write is not to be seen without writing.
 */
const PROBES: Readonly<Record<string, string>> = {
  actions: "actions/runs?per_page=1",
  contents: "branches?per_page=1",
  deployments: "deployments?per_page=1",
  issues: "issues?per_page=1",
  pull_requests: "pulls?per_page=1",
};

/** Shapes: GitHub REST API 2022-11-28, "Get an app", "List repositories accessible to the app installation"; GraphQL's viewer. */
const viewerSchema = z.object({ data: z.object({ viewer: z.object({ login: z.string() }) }) });
const appSchema = z.object({
  permissions: z.record(z.string(), z.enum(LEVELS)),
  owner: z.object({ type: z.string().optional() }).nullish(),
});
const repositoriesSchema = z.object({ repositories: z.array(z.object({ full_name: z.string() })) });

/** Looks at the App with the token that the run works with: two requests, and for the App's own token a few more. */
export async function observeApp(
  get: Get,
  github: Settings["github"],
  app: GitHubAppSettings,
  env: NodeJS.ProcessEnv,
): Promise<Observed<AppObservation>> {
  const where = `GitHub App ${app.slug}`;
  const headers = githubHeaders(env);
  if (headers === undefined) {
    return { unreachable: noCredential(where) };
  }
  const ask = (path: string, query?: object) => get(`${GITHUB_API}/${path}`, headers, query);
  const [viewer, registered] = await Promise.all([
    ask("graphql", { query: "{ viewer { login } }" }),
    ask(`apps/${app.slug}`),
  ]);
  const login = viewer.ok ? viewerSchema.safeParse(viewer.body).data?.data.viewer.login : undefined;
  const seen = registered.ok ? appSchema.safeParse(registered.body).data : undefined;
  const hidden = !registered.ok && (registered.status === 404 || registered.status === 403);
  if (login === undefined || (seen === undefined && !hidden)) {
    return { unreachable: appRefusal(where, login === undefined ? viewer : registered) };
  }
  const form = credentialForm(env["GITHUB_TOKEN"] ?? "");
  const own = login === botOf(app);
  const coverage = own
    ? await repositories(ask, "installation/repositories")
    : app.installation === undefined
      ? undefined
      : await repositories(ask, `user/installations/${String(app.installation)}/repositories`);
  const asked = seen?.permissions;
  const refused =
    own && asked !== undefined && coverage !== undefined ? await probeAll(ask, github, asked, coverage) : new Map();
  return {
    seen: { form, login, asked, ofOrganization: seen?.owner?.type === "Organization", covered: coverage, refused },
  };
}

/** The login that GitHub gives an App's tokens. */
export function botOf(app: Pick<GitHubAppSettings, "slug">): string {
  return `${app.slug}[bot]`;
}

type Ask = (path: string, query?: object) => Promise<Answer>;

/** All pages of a list of repositories, by full name in lower case; `undefined` when it cannot be read. */
async function repositories(ask: Ask, path: string): Promise<Set<string> | undefined> {
  const names = new Set<string>();
  for (let page = 1; ; page += 1) {
    const answer = await ask(`${path}?per_page=100&page=${String(page)}`);
    const parsed = answer.ok ? repositoriesSchema.safeParse(answer.body).data : undefined;
    if (!answer.ok || parsed === undefined) {
      return undefined;
    }
    for (const { full_name: name } of parsed.repositories) {
      names.add(name.toLowerCase());
    }
    if (!/\brel="next"/.test(answer.link ?? "")) {
      return names;
    }
  }
}

/** Asks each covered repository of the settings with each probe of a permission that the App asks for. */
async function probeAll(
  ask: Ask,
  { owner, repositories }: Settings["github"],
  asked: Permissions,
  covered: ReadonlySet<string>,
): Promise<Map<string, readonly string[]>> {
  const names = repositories.map((name) => `${owner}/${name}`).filter((name) => covered.has(name.toLowerCase()));
  const probes = Object.entries(PROBES).filter(([permission]) => permission in asked);
  const refused = await Promise.all(
    names.map(async (name) => {
      const answers = await Promise.all(probes.map(([, path]) => ask(`repos/${name}/${path}`)));
      return [name, probes.filter((_, at) => forbids(answers[at])).map(([permission]) => permission)] as const;
    }),
  );
  return new Map(refused.filter(([, permissions]) => permissions.length > 0));
}

function forbids(answer: Answer | undefined): boolean {
  return answer?.ok === false && answer.status === 403 && answer.retryAfter === undefined;
}

function appRefusal(where: string, answer: Answer): Fault {
  return refusal(where, answer, {
    what: "the token may not ask who it is",
    repair: "use the App's installation token, or gh auth token",
  });
}
