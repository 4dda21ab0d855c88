import { runInForeground } from "../child.js";
import { openStack, stackName } from "../stack.js";
import type { Verb } from "../verb.js";

/** Any command in the environment that the engine needs. */
export const exec: Verb = {
  name: "exec",
  summary: "run a command in the environment that plain pulumi needs",
  example: "npm run p24 -- exec -- pulumi stack history",
  words: [1, Infinity],
  options: { stack: { type: "string", short: "s" } },
  optionHelp: [
    "-s, --stack NAME  the stack (else PULUMI_STACK, else prod)",
    "-- COMMAND …      the command and its arguments",
  ],
  async run({ options, rest, root, env }) {
    const [command = "", ...args] = rest;
    const stack = await openStack(root, stackName(options["stack"], env), env);
    try {
      return await runInForeground(command, args, root, stack.context.env);
    } finally {
      await stack.close();
    }
  },
};
