import { FaultsError } from "../../core/fault.js";
import type { Settings } from "../../core/model/settings.js";

/** The repository that runs report to: the one that holds this program, `radieu/p24-infra`. Throws a FaultsError. */
export function homeOf({ settings, settingsFile }: { settings: Settings; settingsFile: string }): string {
  const { owner, home } = settings.github;
  if (home === undefined) {
    const repair = "pulumi config set --path p24-infra:github.home NAME";
    const what = "is missing, so nobody knows where to report to";
    throw new FaultsError([{ where: settingsFile, name: "github.home", what, repair }]);
  }
  return `${owner}/${home}`;
}
