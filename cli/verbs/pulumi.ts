import { runInForeground } from "../child.js";
import { openStack, stackName } from "../stack.js";
import { EXIT, type Verb } from "../verb.js";
import { reportWorld } from "../world.js";

/** The real `pulumi` with the arguments as given, in the environment that it needs; after an `up` a look at the world. */
export const pulumi: Verb = {
  name: "pulumi",
  summary: "run pulumi with what it needs from secrets/stack.sops.yaml; after up, compare the world with git again",
  example: "npm run p24 -- pulumi -- up --yes --continue-on-error",
  options: {},
  optionHelp: ["-- ARGUMENTS …    passed to pulumi as they are; --stack among them names the stack"],
  async run({ rest, root, env, print }) {
    const stack = await openStack(root, stackName(stackArgument(rest), env), env);
    try {
      const code = await runInForeground("pulumi", rest, root, stack.context.env);
      if (!changesTheWorld(rest)) {
        return code;
      }
      print("\nThe world after this run:");
      const world = await reportWorld(stack.context, print);
      return code === EXIT.ok ? world : code;
    } finally {
      await stack.close();
    }
  },
};

function stackArgument(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === "-s" || arg === "--stack");
  return at === -1 ? args.find((arg) => arg.startsWith("--stack="))?.slice("--stack=".length) : args[at + 1];
}

function changesTheWorld(args: readonly string[]): boolean {
  const verb = args.find((arg) => !arg.startsWith("-"));
  return (verb === "up" || verb === "update") && !args.includes("--help");
}
