import type { Verb } from "../verb.js";

/** The comparison without the engine. What it takes is loaded when it runs. */
export const status: Verb = {
  name: "status",
  summary: "compare git with every place, without the engine; exit code 4 when one differs",
  example: "npm run p24 -- status --json",
  words: [0, 0],
  options: { stack: { type: "string", short: "s" }, json: { type: "boolean" } },
  optionHelp: [
    "-s, --stack NAME  the stack (else PULUMI_STACK, else prod)",
    "--json            the comparison as JSON",
  ],
  async run({ options, root, env, print }) {
    const { openStack, stackName } = require("../stack.js") as typeof import("../stack.js");
    const { reportWorld, verdict, warn } = require("../world.js") as typeof import("../world.js");
    const stack = await openStack(root, stackName(options["stack"], env), env);
    try {
      if (options["json"] !== true) {
        return await reportWorld(stack.context, print);
      }
      const { assess } = require("../../core/assess.js") as typeof import("../../core/assess.js");
      const { reports, checkout, ledger, warnings } = await assess(stack.context);
      warn(warnings);
      print(JSON.stringify({ head: checkout.head, converged: ledger.converged, places: reports }, undefined, 2));
      return verdict(reports);
    } finally {
      await stack.close();
    }
  },
};
