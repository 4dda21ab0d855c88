import type { Site, Step } from "../step.js";
import { defaultFile } from "../../../core/sources/identities.js";
import { runnerFile } from "./runner.js";

/** The spec's names of the entries in 1Password. Whether they are there only a person can know. */
export const safe: Step = {
  name: "1Password",
  look(site) {
    return Promise.resolve({
      state: "yours",
      what: "an entry for each private part, in case a machine is lost",
      how: entries(site),
    });
  },
};

function entries(site: Site): string[] {
  const file = site.env["SOPS_AGE_KEY_FILE"] ?? defaultFile(site.env);
  const hosts = Object.keys(site.settings.hosts).map(
    (name) => `"p24-infra age - ${name}": on the host, /root/.age/secrets.key`,
  );
  return [
    `"p24-infra age - personal": the line AGE-SECRET-KEY-1… of ${file}`,
    ...hosts,
    `"p24-infra age - gha-runner": ${runnerFile(site)}, which may then be deleted here`,
    `"p24-infra-bot - private key": the whole .pem file of the App, which may then be deleted here`,
  ];
}
