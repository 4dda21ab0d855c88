import { observeRepository } from "../../../core/observe/github.js";
import { openHttpDoor } from "../../../core/observe/http.js";
import { fed, variableOf } from "../../shells.js";
import { done, human, type Site, type Step } from "../step.js";
import { runnerFile } from "./runner.js";

/**
 * The roots of trust that CI needs, as secrets of the repository that holds the workflows (the spec's step 9). sops is opened
 * with them, so no program of ours ever writes them. GitHub tells names, not values.
 */
export const roots: Step = {
  name: "GitHub secrets",
  async look(site) {
    const { owner } = site.settings.github;
    const home = homeOf(site);
    const observed = await observeRepository(await openHttpDoor(), owner, home, site.env);
    const how = commands(site, `${owner}/${home}`);
    if ("unreachable" in observed) {
      const { what } = observed.unreachable;
      return human(`cannot be looked at: ${what}`, variableOf("GITHUB_TOKEN", "gh auth token"), ...Object.values(how));
    }
    const missing = Object.keys(how).filter((name) => !observed.seen.secrets.has(name));
    return missing.length === 0
      ? done(`${Object.keys(how).join(", ")} are in ${owner}/${home} (their names; values cannot be read)`)
      : human(`${missing.join(", ")}: not in ${owner}/${home}`, ...missing.map((name) => how[name] ?? ""));
  },
};

/** The repository with this program and its workflows. */
export function homeOf({ settings }: Pick<Site, "settings">): string {
  const { home, repositories } = settings.github;
  return home ?? repositories[0] ?? "p24-infra";
}

/** Each value goes from a file or a prompt into `gh`, never through an argument. */
function commands(site: Site, repository: string): Readonly<Record<string, string>> {
  const set = (name: string) => `gh secret set ${name} --repo ${repository}`;
  return {
    AGE_KEY_GHA: fed(runnerFile(site), set("AGE_KEY_GHA")),
    P24_BOT_APP_ID: `${set("P24_BOT_APP_ID")}    asks for it: the App's number`,
    P24_BOT_PRIVATE_KEY: fed("p24-infra-bot.pem", set("P24_BOT_PRIVATE_KEY")),
  };
}
