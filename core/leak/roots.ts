import { tierTitle } from "../model/tiers.js";
import { ROOTS_OF_TRUST } from "../model/names.js";
import type { Exposed } from "./report.js";

const AT_GITHUB = "by hand, in the repository that runs the workflows: gh secret set";

/** What is done about a root of trust; p24 never writes one. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  AGE_KEY_GHA: [
    "npm run p24 -- rekey gha_runner",
    `${AT_GITHUB} AGE_KEY_GHA`,
    "then every value that it opens: the rows that rekey opens, or npm run p24 -- rotate each",
  ],
  VPS_SSH_PRIVATE_KEY: sshSteps("VPS_SSH_PRIVATE_KEY", "~claude-admin/.ssh/authorized_keys"),
  VPS_ROOT_SSH_KEY: sshSteps("VPS_ROOT_SSH_KEY", "/root/.ssh/authorized_keys"),
  P24_BOT_PRIVATE_KEY: [
    "on the App's page, Private keys: generate a new one, and delete the exposed one at once: its holder is the App",
    `${AT_GITHUB} P24_BOT_PRIVATE_KEY`,
    "npm run preview, in CI: the githubApp: line is in sync",
  ],
  P24_BOT_APP_ID: ["nothing: it is a number that everybody may know"],
};

function sshSteps(name: string, file: string): readonly string[] {
  return [
    `on each host: take its line out of ${file}, and look at the log of logins (journalctl -u ssh)`,
    "a new pair: its public part into that file",
    `${AT_GITHUB} ${name}`,
  ];
}

/** Whether a word names a root of trust, in any case. */
export function isRoot(word: string): boolean {
  return ROOTS_OF_TRUST.has(word.toUpperCase());
}

/** A root of trust that was exposed. `home`: the repository that has it, `owner/name`. */
export function exposedRoot(word: string, home: string | undefined): Exposed {
  const secret = word.toUpperCase();
  const close = "close its row in docs/secrets-rotation-log.md by hand: yes, and the time (UTC)";
  return {
    secret,
    tier: 2,
    about: `a root of trust, in no source; ${tierTitle(2)}`,
    sameValue: [],
    places: home === undefined ? [] : [`github:${home} ${secret}`],
    steps: [...(STEPS[secret] ?? []), close],
    found: [],
  };
}
