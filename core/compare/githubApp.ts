import type { Fault } from "../fault.js";
import { type GitHubAppSettings, type Level, LEVELS, type Permissions } from "../model/githubApp.js";
import type { Observed } from "../observe/github.js";
import { type AppObservation, botOf } from "../observe/githubApp.js";
import { checkReport, type PlaceReport, unreachableReport } from "./report.js";

/** What the App is compared with. */
export interface DesiredApp extends GitHubAppSettings {
  /** Full names of the repositories of the settings. */
  readonly repositories: readonly string[];
  /** Whether this run is CI's, where only the App's own token will do. */
  readonly ci: boolean;
  /** Where the settings are repaired: `Pulumi.prod.yaml`. */
  readonly settingsFile: string;
}

/** Compares the App with the settings: whose token this is, what the App may do, where it is installed. */
export function compareApp(app: DesiredApp, observed: Observed<AppObservation>): PlaceReport {
  const place = `githubApp:${app.slug}`;
  if ("unreachable" in observed) {
    return unreachableReport(place, 0, observed.unreachable);
  }
  const seen = observed.seen;
  const stranger = app.ci ? identityFault(app, seen) : undefined;
  if (stranger !== undefined) {
    // What another's token sees says nothing about the App's.
    return unreachableReport(place, 0, stranger);
  }
  const pages = pagesOf(app, seen);
  const permissions = permissionFaults(app, seen, pages);
  const installed = installationFaults(app, seen, pages);
  const whole = seen.asked !== undefined && seen.covered !== undefined && seen.login === botOf(app);
  const right = permissions.right + installed.right;
  const faults = [...permissions.faults, ...installed.faults, ...acceptanceFaults(app, seen, pages)];
  return checkReport(place, whole ? "verified" : "present", right, faults, notes(app, seen));
}

const REPAIR_IDENTITY =
  "in the workflow give it ${{ steps.app-token.outputs.token }} of a step that uses actions/create-github-app-token";

/** The spec's check of a workflow's token, and more: a workflow's own token starts with `ghs_` too. */
function identityFault(app: DesiredApp, { form, login }: AppObservation): Fault | undefined {
  const fault = (what: string, repair: string): Fault => ({ where: "GITHUB_TOKEN", what, repair });
  if (login === "github-actions[bot]") {
    const what = `is the workflow's own token (${login}) and not ${app.slug}'s, which alone reaches every repository and its secrets`;
    return fault(what, REPAIR_IDENTITY);
  }
  if (login.endsWith("[bot]") && login !== botOf(app)) {
    const repair = `${REPAIR_IDENTITY} with P24_BOT_APP_ID and P24_BOT_PRIVATE_KEY of ${app.slug}`;
    return fault(`is a token of another App (${login}) and not ${app.slug}'s`, repair);
  }
  if (login !== botOf(app)) {
    const repair = `${REPAIR_IDENTITY}, then revoke the personal one: https://github.com/settings/tokens`;
    return fault(`is a personal token (${login}) and not ${app.slug}'s`, repair);
  }
  if (form !== "installation") {
    return fault("does not have the form of an installation's token (ghs_…)", REPAIR_IDENTITY);
  }
  return undefined;
}

/** The pages of github.com on which the App is repaired. An organization's Apps have theirs below its own settings. */
interface Pages {
  readonly permissions: string;
  readonly installations: string;
}

function pagesOf(app: DesiredApp, { ofOrganization }: AppObservation): Pages {
  const owner = app.repositories[0]?.split("/")[0] ?? "";
  const settings = ofOrganization
    ? `https://github.com/organizations/${owner}/settings`
    : "https://github.com/settings";
  const installations = `${settings}/installations`;
  return {
    permissions: `${settings}/apps/${app.slug}/permissions`,
    installations: app.installation === undefined ? installations : `${installations}/${String(app.installation)}`,
  };
}

/** What a part of the comparison found: how many things are right, and what is not. */
interface Part {
  readonly right: number;
  readonly faults: readonly Fault[];
}

/** Every App may read metadata; nobody has to list it. */
function withMetadata(permissions: Permissions): Permissions {
  return { metadata: "read", ...permissions };
}

function permissionFaults(app: DesiredApp, { asked }: AppObservation, pages: Pages): Part {
  const where = `GitHub App ${app.slug}`;
  if (asked === undefined) {
    const what = "the token can see no App of that name";
    const repair = `correct github.app.slug in ${app.settingsFile}, or create it: https://github.com/settings/apps/new (docs/decisions/0006-github-app-is-verified.md)`;
    return { right: 0, faults: [{ where, what, repair }] };
  }
  const wanted = withMetadata(app.permissions);
  const there = withMetadata(asked);
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(there)])].sort();
  const faults = names.flatMap((name): Fault[] => {
    const want = wanted[name];
    const have = there[name];
    if (want === have) {
      return [];
    }
    const set = `at ${pages.permissions} set ${permissionTitle(name)} to "${permissionWords(want)}" and save`;
    if (rank(have) < rank(want)) {
      const what = `lacks the permission ${permissionTitle(name)}: ${permissionWords(want)} (it has: ${permissionWords(have)})`;
      return [{ where, what, repair: `${set}, then accept the request at ${pages.installations}` }];
    }
    const what = `has the permission ${permissionTitle(name)}: ${permissionWords(have)}, which the settings do not list`;
    return [{ where, what, repair: `${set}, or list ${name}: ${String(have)} in github.app.permissions` }];
  });
  return { right: names.length - faults.length, faults };
}

function installationFaults(app: DesiredApp, { covered }: AppObservation, pages: Pages): Part {
  if (covered === undefined) {
    return { right: 0, faults: [] };
  }
  const missing = app.repositories.filter((name) => !covered.has(name.toLowerCase()));
  const faults = missing.map((name) => ({
    where: `GitHub App ${app.slug}`,
    what: `is not installed on ${name}`,
    repair: `at ${pages.installations} choose ${app.slug}, Configure, Repository access, and add ${name}`,
  }));
  return { right: app.repositories.length - faults.length, faults };
}

/** What the App asks for and its installation does not give: somebody has to accept it once more after every change. */
function acceptanceFaults(app: DesiredApp, { refused }: AppObservation, pages: Pages): Fault[] {
  const permissions = [...new Set([...refused.values()].flat())].sort();
  return permissions.map((name) => {
    const where = [...refused].filter(([, names]) => names.includes(name)).map(([repository]) => repository);
    return {
      where: `GitHub App ${app.slug}`,
      what: `asks for the permission ${permissionTitle(name)} and is refused it in ${where.sort().join(", ")}: its installation has not accepted it`,
      repair: `at ${pages.installations} choose ${app.slug}, Review request, Accept new permissions`,
    };
  });
}

function notes(app: DesiredApp, seen: AppObservation): string[] {
  const found: string[] = [];
  if (seen.login !== botOf(app)) {
    found.push(`GITHUB_TOKEN is ${seen.login}'s own, which will do here; CI works with ${app.slug}'s`);
  }
  if (seen.covered === undefined) {
    found.push(
      `where ${app.slug} is installed is seen with its own token, or with a classic one and github.app.installation`,
    );
  }
  const wanted = new Set(app.repositories.map((name) => name.toLowerCase()));
  const more = [...(seen.covered ?? [])].filter((name) => !wanted.has(name)).length;
  if (more > 0) {
    found.push(`is installed on further repositories than the settings name: ${String(more)}`);
  }
  return found;
}

const rank = (level: Level | undefined): number => (level === undefined ? -1 : LEVELS.indexOf(level));

/** A level as GitHub's page of permissions calls it. */
export function permissionWords(level: Level | undefined): string {
  switch (level) {
    case undefined:
      return "No access";
    case "read":
      return "Read-only";
    case "write":
      return "Read and write";
    case "admin":
      return "Admin";
  }
}

/** A permission as GitHub's page calls it: `pull_requests` is Pull requests. */
export function permissionTitle(permission: string): string {
  const words = permission.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
