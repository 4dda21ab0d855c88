import { compareApp, permissionTitle, permissionWords } from "../../../core/compare/githubApp.js";
import { renderFault } from "../../../core/fault.js";
import type { GitHubAppSettings } from "../../../core/model/githubApp.js";
import { observeApp } from "../../../core/observe/githubApp.js";
import { openHttpDoor } from "../../../core/observe/http.js";
import { variableOf } from "../../shells.js";
import { done, human, type Site, type Step } from "../step.js";
import { homeOf } from "./roots.js";

/** The GitHub App that CI works as (the spec's steps 7 and 8): only a person can create and install it. */
export const app: Step = {
  name: "GitHub App",
  async look(site) {
    const { github } = site.settings;
    const wanted = github.app;
    if (wanted === undefined) {
      return done("the settings name none (github.app)");
    }
    const observed = await observeApp(await openHttpDoor(), github, wanted, site.env);
    if ("unreachable" in observed) {
      return human(
        `cannot be looked at: ${observed.unreachable.what}`,
        variableOf("GITHUB_TOKEN", "gh auth token"),
        ...form(site, wanted),
      );
    }
    const repositories = github.repositories.map((name) => `${github.owner}/${name}`);
    const { faults } = compareApp({ ...wanted, repositories, ci: false, settingsFile: site.settingsFile }, observed);
    if (observed.seen.asked === undefined) {
      return human(`the token can see no App ${wanted.slug}`, ...form(site, wanted));
    }
    if (faults.length > 0) {
      return human(`${wanted.slug} is not as the settings want it`, ...faults.map(renderFault));
    }
    if (observed.seen.covered === undefined) {
      const what = `${wanted.slug} asks for what it should; with this token it is not seen where it is installed`;
      return { state: "yours", what, how: installation(site) };
    }
    return done(`${wanted.slug} asks for what it should and is installed on ${repositories.join(", ")}`);
  },
};

/** What to enter on the page, in its own words. */
function form(site: Site, { slug, permissions }: GitHubAppSettings): string[] {
  const { owner } = site.settings.github;
  return [
    "https://github.com/settings/apps/new",
    `GitHub App name: ${slug}; Homepage URL: https://github.com/${owner}/${homeOf(site)}; Webhook: Active off`,
    `Repository permissions: ${Object.entries(permissions)
      .map(([name, level]) => `${permissionTitle(name)} ${permissionWords(level)}`)
      .join(", ")}`,
    "Where can this GitHub App be installed? Only on this account; then Create, and note the App ID",
    "Private keys: Generate a private key, which downloads a .pem file",
    ...installation(site),
  ];
}

function installation({ settings }: Site): string[] {
  const { owner, repositories, app: wanted } = settings.github;
  const names = repositories.map((name) => `${owner}/${name}`).join(", ");
  return [`https://github.com/apps/${wanted?.slug ?? ""}/installations/new: Only select repositories, ${names}`];
}
