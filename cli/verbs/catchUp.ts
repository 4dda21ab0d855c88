import { wasLeftBehind } from "../../core/announce/leftBehind.js";
import { assess } from "../../core/assess.js";
import { isConverged } from "../../core/compare/report.js";
import { openStack, stackName } from "../stack.js";
import { EXIT, type Verb } from "../verb.js";
import { pulumi } from "./pulumi.js";

/** How a workflow runs `up`: nobody is asked, and what no `up` repairs stops no place (docs/decisions/0006). */
const UP = ["up", "--yes", "--continue-on-error", "--skip-preview", "--non-interactive"];

/** What the nightly run does about a place that is not equal to git. */
export const catchUp: Verb = {
  name: "catch-up",
  summary: "run up again when a run failed, was killed or was dropped; what somebody changed by hand it leaves alone",
  example: "npm run p24 -- catch-up",
  words: [0, 0],
  options: { stack: { type: "string", short: "s" } },
  optionHelp: ["-s, --stack NAME  the stack (else PULUMI_STACK, else prod)"],
  async run(invocation) {
    const { options, root, env, print } = invocation;
    const name = stackName(options["stack"], env);
    const stack = await openStack(root, name, env);
    try {
      const { reports, ledger } = await assess(stack.context);
      const open = reports.filter((report) => !isConverged(report)).map(({ place }) => place);
      if (open.length === 0) {
        print("Every place is equal to git: there is nothing to catch up with.");
        return EXIT.ok;
      }
      if (!(await wasLeftBehind(root, ledger))) {
        print(
          `No run left anything behind; changed at the place: ${open.join(", ")}. docs/runbook.md, SecretsDrift, says what to do.`,
        );
        return EXIT.ok;
      }
    } finally {
      await stack.close();
    }
    return pulumi.run({ ...invocation, options: {}, rest: [...UP, "--stack", name] });
  },
};
