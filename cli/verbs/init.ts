import { FaultsError } from "../../core/fault.js";
import { defaultFile } from "../../core/sources/identities.js";
import { askSecret } from "../../core/sources/typed.js";
import { agrees } from "../ask.js";
import { renderFindings, summary } from "../init/render.js";
import type { Finding, Site } from "../init/step.js";
import { bootstrapSteps } from "../init/steps.js";
import { specIdentity } from "../init/steps/developer.js";
import { isSettled, walk } from "../init/walk.js";
import { readWishes } from "../init/wishes.js";
import { readSettings, stackName } from "../stack.js";
import { EXIT, type ExitCode, type Invocation, type Verb } from "../verb.js";

/** The whole bootstrap, as often as one likes. */
export const init: Verb = {
  name: "init",
  summary:
    "the bootstrap, from templates to the first up: does what it can, and says what is left; run it again at any time",
  example: "npm run p24 -- init --values old.env --admin root",
  words: [0, 0],
  options: {
    developer: { type: "string" },
    identity: { type: "string" },
    "runner-identity": { type: "string" },
    recipient: { type: "string" },
    "host-key": { type: "string" },
    admin: { type: "string" },
    "ssh-identity": { type: "string" },
    values: { type: "string" },
    without: { type: "string" },
    "no-commit": { type: "boolean" },
    yes: { type: "boolean" },
    "dry-run": { type: "boolean" },
    check: { type: "boolean" },
    json: { type: "boolean" },
    stack: { type: "string", short: "s" },
  },
  optionHelp: [
    "--developer NAME        your anchor in .sops.yaml, when several are open: dev_radieu",
    "--identity FILE         your age identity, or where to make it; else where sops looks, or ~/.age/personal.key",
    "--runner-identity FILE  the same for GitHub Actions; else gha.key beside yours",
    "--recipient NAME=age1…  a recipient that was made elsewhere, several with a comma: of a host, of the runner",
    "--host-key HOST=KEY     a host's public SSH identity, several with a comma; else host install tells it",
    "--admin USER            who logs in for host install: root (the default), or somebody who may sudo without a password",
    "--ssh-identity FILE     the admin's SSH identity, when ssh does not find it by itself",
    "--values FILE           values for placeholders, lines NAME=VALUE as in a .env file; - is standard input",
    "--without NAME,…        keys that you do without: their placeholders are removed",
    "--no-commit             leave the commit to you",
    "--yes                   do what can be done without asking",
    "--dry-run               only show what would be done",
    "--check                 only look; exit code 0 when nothing is left, 5 when something is",
    "--json                  what was found as JSON",
    "-s, --stack NAME        the stack (else PULUMI_STACK, else prod)",
  ],
  async run({ options, root, env, print }) {
    const site = await openSite({ options, root, env, print: options["json"] === true ? () => undefined : print });
    const steps = bootstrapSteps(site.settings);
    let findings = await walk(steps, site, false);
    const looksOnly = options["dry-run"] === true || options["check"] === true;
    if (!looksOnly && findings.some(({ state }) => state === "to do")) {
      if (options["yes"] !== true) {
        site.print(`${heading(site)}\n${renderFindings(findings)}\n`);
        if (!(await agrees("init", "Do what can be done now, and what follows from it?", ASK_REPAIR))) {
          print("Nothing was changed.");
          return EXIT.blocked;
        }
      }
      const terminal = options["yes"] !== true && process.stdin.isTTY;
      const ask = (question: string) => askSecret({ input: process.stdin, output: process.stderr }, question);
      const asking = terminal ? { ...site, ask } : site;
      findings = await walk(steps, asking, true, (text) => site.print(`  … ${text}`));
    }
    if (options["json"] === true) {
      print(
        JSON.stringify(
          { stack: site.stack, steps: findings.map(({ faults, ...one }) => ({ ...one, faults })) },
          undefined,
          2,
        ),
      );
    } else {
      print(`${heading(site)}\n${renderFindings(findings)}\n\n${summary(findings)}`);
    }
    return options["dry-run"] === true ? EXIT.ok : exitCode(findings);
  },
};

const ASK_REPAIR = "--yes does what can be done, --dry-run only shows it";

function heading({ stack }: Site): string {
  return `bootstrap of the stack ${stack}:`;
}

function exitCode(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ state }) => state === "fault")) {
    return EXIT.badInput;
  }
  return findings.every(isSettled) ? EXIT.ok : EXIT.blocked;
}

async function openSite({ options, root, env, print }: Omit<Invocation, "rest">): Promise<Site> {
  const stack = stackName(options["stack"], env);
  const [{ settings, settingsFile }, wishes] = await Promise.all([
    readSettings(root, stack, "bootstrap"),
    readWishes(options),
  ]);
  const unknown = [...wishes.hostKeys.keys()].filter((name) => settings.hosts[name] === undefined);
  if (unknown.length > 0) {
    const repair = `name one of: ${Object.keys(settings.hosts).join(", ") || "none is there"}`;
    throw new FaultsError([{ where: "--host-key", what: "names a host that the settings do not have", repair }]);
  }
  const identity = wishes.identity ?? (await specIdentity(env));
  const known = identity !== undefined && [env["SOPS_AGE_KEY_FILE"], defaultFile(env)].includes(identity);
  return {
    root,
    stack,
    settingsFile,
    settings,
    env: identity === undefined ? env : { ...env, SOPS_AGE_KEY_FILE: identity },
    identityFile: known ? undefined : identity,
    wishes,
    print,
    ask: undefined,
  };
}
