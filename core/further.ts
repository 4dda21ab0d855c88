import { createRequire } from "node:module";

import type { Context, GitSide } from "./assess.js";
import type { PlaceReport } from "./compare/report.js";
import type { GitHubAppSettings } from "./model/githubApp.js";
import type { Observed, RepositoryObservation } from "./observe/github.js";
import type { Get } from "./observe/http.js";

/** Loads a module of ours when it is used. Node's `import()` is for packages: it knows nothing of the TypeScript loader. */
const load = createRequire(__filename);

/** What is known without asking a further place. */
export interface Known {
  readonly context: Context;
  readonly door: Promise<Get>;
  /** `undefined` when git's side has faults, which are reported without any place. */
  readonly git: Promise<GitSide | undefined>;
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
}

/**
 * Looks at the places beyond repositories and hosts. Each has a section of the settings, a probe in core/observe/, a pure
 * comparison in core/compare/ and a component; none of it is loaded for a stack whose settings lack the section.
 */
export async function lookFurther(known: Known): Promise<Further> {
  const { github } = known.context.settings;
  const [app] = await Promise.all([github.app && lookAtApp(known, github.app)]);
  return { ...(app && { app }) };
}

/** The reports of all further places. */
export function furtherReports(further: Further): PlaceReport[] {
  return Object.values(further as Record<string, Looked>).flatMap(({ reports }) => reports);
}

async function lookAtApp({ context, door }: Known, app: GitHubAppSettings): Promise<Looked> {
  const { observeApp } = load("./observe/githubApp.js") as typeof import("./observe/githubApp.js");
  const { compareApp } = load("./compare/githubApp.js") as typeof import("./compare/githubApp.js");
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
