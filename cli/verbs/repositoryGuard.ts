import { renderFault } from "../../core/fault.js";
import { openHttpDoor, openProtectingDoor } from "../../core/observe/http.js";
import type { Observed } from "../../core/observe/github.js";
import { notInPlan, observeProtection, type Protection, switchOn } from "../../core/observe/protection.js";
import { readSettings, stackName } from "../stack.js";
import { EXIT, type ExitCode, type Verb } from "../verb.js";

/** GitHub's own push protection, beside ours. */
export const repositoryGuard: Verb = {
  name: "repository guard",
  summary: "say whether GitHub's push protection guards the repositories; --set switches it on where the plan has it",
  example: "npm run p24 -- repository guard --set",
  words: [0, 0],
  options: { stack: { type: "string", short: "s" }, set: { type: "boolean" } },
  optionHelp: [
    "-s, --stack NAME  the stack (else PULUMI_STACK, else prod)",
    "--set             switch secret scanning and push protection on; needs an administrator's token, or the",
    "                  App's optional permission Administration: read and write",
  ],
  async run({ options, root, env, print }) {
    const { settings } = await readSettings(root, stackName(options["stack"], env), "bootstrap");
    const { owner, repositories } = settings.github;
    const [get, protect] = await Promise.all([openHttpDoor(), openProtectingDoor()]);
    const codes: ExitCode[] = [];
    for (const repository of repositories) {
      let observed = await observeProtection(get, owner, repository, env);
      if (options["set"] === true && "seen" in observed && observed.seen.pushProtection !== "enabled") {
        observed = await switchOn(protect, owner, repository, env);
      }
      const { code, line } = verdict(`GitHub ${owner}/${repository}`, observed);
      codes.push(code);
      print(line);
    }
    return Math.max(EXIT.ok, ...codes);
  },
};

/** What is said of one repository. A plan that does not have it is no fault that anybody could repair here. */
export function verdict(where: string, observed: Observed<Protection>): { code: ExitCode; line: string } {
  if ("unreachable" in observed) {
    const isPlan = observed.unreachable.what === notInPlan(where).what;
    return { code: isPlan ? EXIT.ok : EXIT.blocked, line: renderFault(observed.unreachable) };
  }
  const { pushProtection, secretScanning, private: isPrivate, isAdmin } = observed.seen;
  const kind = isPrivate ? "private" : "public";
  switch (pushProtection) {
    case "enabled":
      return { code: EXIT.ok, line: `${where} (${kind}): push protection is on.` };
    case "disabled":
      return {
        code: EXIT.drift,
        line: `${where} (${kind}): push protection is off, secret scanning is ${secretScanning === "enabled" ? "on" : "off"}. Repair: npm run p24 -- repository guard --set`,
      };
    case "not shown":
      return isAdmin
        ? { code: EXIT.ok, line: renderFault(notInPlan(where)) }
        : {
            code: EXIT.blocked,
            line: `${where} (${kind}): GitHub does not show it to this token. Repair: ask as an administrator (GITHUB_TOKEN=$(gh auth token)), or give the App the optional permission Administration: read`,
          };
  }
}
