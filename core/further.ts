import type { Context, GitSide } from "./assess.js";
import type { PlaceReport } from "./compare/report.js";
import type { AssessedGateway } from "./gateway.js";
import type { Ledger } from "./ledger.js";
import type { GitHubAppSettings } from "./model/githubApp.js";
import type { VercelSettings } from "./model/vercel.js";
import type { Observed, RepositoryObservation } from "./observe/github.js";
import type { Get } from "./observe/http.js";

/** What is known without asking a further place. */
export interface Known {
  readonly context: Context;
  readonly door: Promise<Get>;
  /** `undefined` when git's side has faults, which are reported without any place. */
  readonly git: Promise<GitSide | undefined>;
  /** `undefined` when the state could not be read, which is reported without any place. */
  readonly ledger: Promise<Ledger | undefined>;
  /** By full name. */
  readonly repositories: Promise<ReadonlyMap<string, Observed<RepositoryObservation>>>;
}

/** What a look at a further place gave: its reports, and with them whatever its component needs. */
export interface Looked {
  readonly reports: readonly PlaceReport[];
}

/** By place; only those whose section is in the settings. */
export interface Further {
  readonly app?: Looked;
  readonly vercel?: Looked;
  /** Written by `up`, unlike the others, which are only verified. */
  readonly gateway?: AssessedGateway;
}

/**
 * Looks at the places beyond repositories and hosts. Each has a section of the settings, a probe in core/observe/, a pure
 * comparison in core/compare/ and a component; none of it is loaded for a stack whose settings lack the section.
 */
export async function lookFurther(known: Known): Promise<Further> {
  const { github, vercel: projects, cloudflare } = known.context.settings;
  const [app, vercel, gateway] = await Promise.all([
    github.app && lookAtApp(known, github.app),
    projects && lookAtVercel(known, projects),
    cloudflare && (require("./gateway.js") as typeof import("./gateway.js")).lookAtGateway(known, cloudflare),
  ]);
  return { ...(app && { app }), ...(vercel && { vercel }), ...(gateway && { gateway }) };
}

/** The reports of all further places. */
export function furtherReports(further: Further): PlaceReport[] {
  return Object.values(further as Record<string, Looked>).flatMap(({ reports }) => reports);
}

/** Of those that are only verified: no `up` repairs what is wrong there. */
export function verifiedReports(further: Further): PlaceReport[] {
  const written: readonly PlaceReport[] = further.gateway?.reports ?? [];
  return furtherReports(further).filter((report) => !written.includes(report));
}

async function lookAtApp({ context, door }: Known, app: GitHubAppSettings): Promise<Looked> {
  const { observeApp } = require("./observe/githubApp.js") as typeof import("./observe/githubApp.js");
  const { compareApp } = require("./compare/githubApp.js") as typeof import("./compare/githubApp.js");
  const { settings, settingsFile, env } = context;
  const { owner, repositories } = settings.github;
  const desired = {
    ...app,
    repositories: repositories.map((name) => `${owner}/${name}`),
    ci: env["CI"] === "true" || env["GITHUB_ACTIONS"] === "true",
    settingsFile,
  };
  return { reports: [compareApp(desired, await observeApp(await door, settings.github, app, env))] };
}

async function lookAtVercel(known: Known, { projects, team }: VercelSettings): Promise<Looked> {
  const vercel = require("./observe/vercel.js") as typeof import("./observe/vercel.js");
  const { compareProject, compareStored } = require("./compare/vercel.js") as typeof import("./compare/vercel.js");
  const { settings, settingsFile, env } = known.context;
  const full = (name: string) => `${settings.github.owner}/${name}`;
  const get = await known.door;
  const credential = known.git.then((git) => git?.stackSecrets.vercel_token);
  const compared = Object.entries(projects).map(async ([name, { repository }]) => {
    const [deployments, link] = await Promise.all([
      vercel.observeDeployments(get, full(repository), env),
      credential.then((secret) => secret && vercel.observeProject(get, name, team, secret)),
    ]);
    return compareProject({ name, repository: full(repository), team, settingsFile }, deployments, link);
  });
  const repositories = [...settings.github.repositories, ...Object.values(projects).map((one) => one.repository)];
  const searched = [...new Set(repositories)].map((name) => searchRepository(known, get, full(name)));
  const git = await known.git;
  const stored = compareStored([...(git?.desired.github.keys() ?? [])], await Promise.all(searched));
  return { reports: [...(await Promise.all(compared)), stored] };
}

/** What is stored with one repository; its names are those that were listed already, for a repository of the settings. */
async function searchRepository({ context, repositories }: Known, get: Get, repository: string) {
  const { observeCheckoutUses, observeStored } =
    require("./observe/storedCredentials.js") as typeof import("./observe/storedCredentials.js");
  const { observeRepository } = require("./observe/github.js") as typeof import("./observe/github.js");
  const { owner, home } = context.settings.github;
  const [of, name = ""] = repository.split("/");
  const checkout = of === owner && name === home ? await observeCheckoutUses(context.root) : undefined;
  const [listed, stored] = await Promise.all([repositories, observeStored(get, repository, checkout, context.env)]);
  const observed = listed.get(repository) ?? (await observeRepository(get, owner, name, context.env));
  return { repository, observed, stored };
}
