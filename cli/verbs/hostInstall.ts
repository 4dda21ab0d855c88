import { recipientName } from "../../core/compare/host.js";
import { FaultsError, renderFault } from "../../core/fault.js";
import { PENDING } from "../../core/model/settings.js";
import { agrees } from "../ask.js";
import { type Answer, renderSteps } from "../host/answer.js";
import { callHost, isWaiting } from "../host/call.js";
import type { Mode } from "../host/script.js";
import { readSite, type Site } from "../host/site.js";
import type { Login } from "../host/ssh.js";
import { stackName } from "../stack.js";
import { EXIT, type Invocation, type Verb } from "../verb.js";

/** Brings a host from bare to ready, or a host program up to date. */
export const hostInstall: Verb = {
  name: "host install",
  summary: "make a host ready for the sync, over an admin's SSH; every step is shown before it acts",
  example: "npm run p24 -- host install vps-i1 --admin debian --identity ~/.ssh/admin",
  words: [1, 1],
  options: {
    admin: { type: "string" },
    identity: { type: "string" },
    "dry-run": { type: "boolean" },
    yes: { type: "boolean" },
    json: { type: "boolean" },
    stack: { type: "string", short: "s" },
  },
  optionHelp: [
    "NAME              the host's name in the settings",
    "--admin USER      who logs in: root (the default), or somebody who may sudo without a password",
    "--identity FILE   the admin's SSH identity, when ssh does not find it by itself",
    "--dry-run         only show what would be done",
    "--yes             do it without asking",
    "--json            the answer as JSON",
    "-s, --stack NAME  the stack (else PULUMI_STACK, else prod)",
  ],
  async run({ options, rest, root, env, print }) {
    const say = options["json"] === true ? () => undefined : print;
    const site = await readSite(root, stackName(options["stack"], env), rest[0] ?? "", env);
    const login = loginOf(site, options);
    const call = (mode: Mode) => callHost(site, login, mode, env);
    let answer = await call("plan");
    say(`host ${site.name}, as ${login.admin}@${site.host.address}:\n${renderSteps(answer.steps)}`);
    if (isWaiting(answer) && options["dry-run"] !== true) {
      if (options["yes"] !== true && !(await agrees(`host ${site.name}`, `Change this on ${site.name}?`, REPAIR))) {
        say("Nothing was changed.");
        return EXIT.blocked;
      }
      answer = await call("apply");
      say(`\nAfter it:\n${renderSteps(answer.steps.filter(({ state }) => state !== "change"))}`);
    }
    const next = nextSteps(site, answer);
    if (options["json"] === true) {
      print(JSON.stringify({ host: site.name, ...answer, next }, undefined, 2));
    } else {
      sum(answer, next, print);
    }
    // A hole makes the sync user root without our rule: who only looks at the exit code shall not take the host for ready.
    return answer.faults.length + answer.holes.length > 0 ? EXIT.blocked : EXIT.ok;
  },
};

const REPAIR = "--yes does what is shown above, --dry-run only shows it";

function loginOf({ name, host }: Site, options: Invocation["options"]): Login {
  const { admin = "root", identity } = options;
  if (typeof admin !== "string" || !/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(admin)) {
    throw new FaultsError([{ where: "--admin", what: "is no user's name", repair: "--admin root" }]);
  }
  return { name, host, admin, ...(typeof identity === "string" ? { identity } : {}) };
}

/** What is still to be done in git, with what only the host could tell. */
function nextSteps({ name, stack, host, recipient, sources }: Site, answer: Answer): string[] {
  const steps: string[] = [];
  if (host.hostKey === PENDING && answer.hostKey !== undefined) {
    steps.push(`pulumi config set --stack ${stack} --path p24-infra:hosts.${name}.hostKey "${answer.hostKey}"`);
  }
  if (answer.recipient !== undefined && answer.recipient !== recipient) {
    steps.push(...recipientSteps(recipientName(name), answer.recipient, recipient, sources));
  }
  return steps;
}

/** Before the bootstrap nothing is encrypted to the template's; later a former identity has opened what it could. */
function recipientSteps(anchor: string, told: string, known: string | undefined, sources: readonly string[]): string[] {
  return known === undefined || known.includes("placeholder")
    ? [`in .sops.yaml put ${told} behind &${anchor}`, ...sources.map((path) => `sops updatekeys ${path}`)]
    : [`npm run p24 -- rekey ${anchor} ${told}`];
}

function sum({ recipient, holes, faults }: Answer, next: readonly string[], print: Invocation["print"]): void {
  if (recipient !== undefined) {
    print(`\nThe host's age recipient: ${recipient}`);
  }
  if (next.length > 0) {
    print(`\nNext:\n${next.map((step) => `  ${step}`).join("\n")}`);
  }
  const warnings = [...holes.map((hole) => `warning: ${hole}`), ...faults.map(renderFault)];
  process.stderr.write(warnings.map((line) => `${line}\n`).join(""));
}
