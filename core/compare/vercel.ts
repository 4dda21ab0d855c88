import type { Fault } from "../fault.js";
import type { Observed, RepositoryObservation } from "../observe/github.js";
import { isVercelToken, type StoredCredentials } from "../observe/storedCredentials.js";
import type { MadeDeployment, ProjectLink } from "../observe/vercel.js";
import { checkReport, type PlaceReport } from "./report.js";

/** What a project is compared with. */
export interface DesiredProject {
  readonly name: string;
  /** Full name of the repository that it shall be deployed from. */
  readonly repository: string;
  readonly team: string | undefined;
  /** Where the settings are repaired: `Pulumi.prod.yaml`. */
  readonly settingsFile: string;
}

/** The login of Vercel's Git integration at GitHub. */
const INTEGRATION = "vercel[bot]";

/**
 * Compares a project with the settings: GitHub's deployments come from Vercel's Git integration, and, where a Vercel token
 * shows it, the project is connected to this repository and has no deploy hook. `link` is `undefined` without a token.
 */
export function compareProject(
  project: DesiredProject,
  deployments: Observed<readonly MadeDeployment[]>,
  link: Observed<ProjectLink> | undefined,
): PlaceReport {
  const page = settingsPage(project);
  const faults = [...deploymentFaults(project, page, deployments), ...linkFaults(project, page, link)];
  const checked = 1 + (link === undefined ? 0 : LINK_CHECKS);
  const notes =
    link === undefined ? [`what it is connected to is seen with a vercel_token in secrets/stack.sops.yaml`] : [];
  const confidence = link === undefined ? "present" : "verified";
  const right = Math.max(0, checked - faults.length);
  return checkReport(`vercel:${project.name}`, confidence, right, faults, [...notes, ...othersNotes(deployments)]);
}

/** A team's id does not stand in the addresses of its pages; its slug does. */
function settingsPage({ name, team }: DesiredProject): string {
  return team === undefined || team.startsWith("team_")
    ? `https://vercel.com/dashboard, ${name}, Settings, Git,`
    : `https://vercel.com/${team}/${name}/settings/git`;
}

function deploymentFaults(
  { name, repository }: DesiredProject,
  page: string,
  deployments: Observed<readonly MadeDeployment[]>,
): Fault[] {
  if ("unreachable" in deployments) {
    return [deployments.unreachable];
  }
  if (deployments.seen.some(({ by }) => by === INTEGRATION)) {
    return [];
  }
  const count = deployments.seen.length;
  return [
    {
      where: `Vercel project ${name}`,
      what: `no deployment of ${repository} at GitHub comes from Vercel's Git integration (${INTEGRATION}); ${String(count)} were looked at`,
      repair: `at ${page} connect ${repository}, then push a commit`,
    },
  ];
}

/** Connected, to the right repository, without hooks, with deployments at GitHub. */
const LINK_CHECKS = 3;

function linkFaults(
  { name, repository, settingsFile }: DesiredProject,
  page: string,
  link: Observed<ProjectLink> | undefined,
): Fault[] {
  if (link === undefined) {
    return [];
  }
  if ("unreachable" in link) {
    return [link.unreachable];
  }
  const { git, hooks, atGithub } = link.seen;
  const fault = (what: string, repair: string): Fault => ({ where: `Vercel project ${name}`, what, repair });
  const faults: Fault[] = [];
  if (git === undefined) {
    faults.push(fault("is connected to no Git repository", `at ${page} connect ${repository}`));
  } else if (git.type !== "github" || git.repository.toLowerCase() !== repository.toLowerCase()) {
    faults.push(
      fault(
        `is connected to ${git.repository} (${git.type}) and not to ${repository}`,
        `at ${page} disconnect it and connect ${repository}, or correct vercel.projects.${name}.repository in ${settingsFile}`,
      ),
    );
  }
  if (hooks.length > 0) {
    const which = hooks.join(", ");
    const what = `has deploy hooks (${which}): who knows the address of one deploys without any token`;
    faults.push(fault(what, `at ${page} delete each under Deploy Hooks`));
  }
  if (!atGithub) {
    const what =
      "makes no deployments at GitHub (its createDeployments is disabled), so nothing there shows who deploys it";
    faults.push(fault(what, `at ${page} switch on deployment_status Events`));
  }
  return faults;
}

/** Who else deploys to Production: a workflow's own environment of that name, or a deployment with a token. */
function othersNotes(deployments: Observed<readonly MadeDeployment[]>): string[] {
  const seen = "seen" in deployments ? deployments.seen : [];
  const latest = seen.find(({ environment }) => /^production\b/i.test(environment));
  return latest === undefined || latest.by === INTEGRATION
    ? []
    : [`the latest deployment to ${latest.environment} at GitHub comes from ${latest.by}`];
}

/** What is known of one repository's stored credentials. */
export interface Searched {
  readonly repository: string;
  readonly observed: Observed<Pick<RepositoryObservation, "secrets">>;
  readonly stored: StoredCredentials;
}

/** Whether a Vercel token is stored with GitHub: git's sources, secrets by name, workflow files by line. */
export function compareStored(git: readonly string[], searched: readonly Searched[]): PlaceReport {
  const source = "secrets/github-actions.sops.yaml";
  const own = git.filter(isVercelToken).map((name) => ({
    where: source,
    name,
    what: "is a Vercel token, which up would bring to every repository",
    repair: `sops edit ${source}, remove it and commit; up takes it away at GitHub. Then revoke it: ${TOKENS}`,
  }));
  const found = searched.map((one) => ({ ...one, faults: storedFaults(one, new Set(own.map(({ name }) => name))) }));
  const faults = [...own, ...found.flatMap((one) => one.faults)];
  const notes = searched.flatMap(({ repository, stored }) =>
    stored.unseen.map((what) => `the ${what} of ${repository} could not be looked at with this token`),
  );
  return checkReport("vercel-tokens", "present", found.filter((one) => one.faults.length === 0).length, faults, notes);
}

const TOKENS = "https://vercel.com/account/settings/tokens";

function storedFaults({ repository, observed, stored }: Searched, told: ReadonlySet<string>): Fault[] {
  if ("unreachable" in observed) {
    return [observed.unreachable];
  }
  const own = [...observed.seen.secrets.keys()].filter((name) => !told.has(name));
  const places: (readonly [string, readonly string[]])[] = [["repository", own], ...stored.secrets];
  const secrets = places.flatMap(([place, names]) =>
    names.filter(isVercelToken).map((name) => ({
      where: `GitHub ${repository}`,
      name,
      what: `a Vercel token is among the Actions secrets (${place})`,
      repair: `gh secret delete ${name} ${scopeOf(place, repository)}, then revoke it: ${TOKENS}`,
    })),
  );
  const uses = stored.uses.map(({ at, name }) => ({
    where: `${repository} ${at}`,
    name,
    what: "a workflow uses a Vercel token",
    repair: "remove the step: the Git integration deploys every push",
  }));
  return [...secrets, ...uses];
}

function scopeOf(place: string, repository: string): string {
  if (place === "organization") {
    return `--org ${repository.split("/")[0] ?? ""}`;
  }
  const environment = /^environment (.*)$/.exec(place)?.[1];
  return `--repo ${repository}${environment === undefined ? "" : ` --env "${environment}"`}`;
}
