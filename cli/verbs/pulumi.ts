import { awaitConfirmation, type Confirmation } from "../../core/confirmed.js";
import { type Fault, renderFault } from "../../core/fault.js";
import { runInForeground } from "../child.js";
import { openStack, stackName } from "../stack.js";
import { EXIT, type Verb } from "../verb.js";
import { reportWorld } from "../world.js";

/**
 * The real `pulumi` with the arguments as given, in the environment that it needs. After an `up` the world: as the places
 * that were written to confirmed it, when that makes every place equal to git; else as a second look sees it.
 */
export const pulumi: Verb = {
  name: "pulumi",
  summary: "run pulumi with what it needs from secrets/stack.sops.yaml; after up, tell how the world stands to git",
  example: "npm run p24 -- pulumi -- up --yes",
  words: [0, Infinity],
  options: {},
  optionHelp: ["-- ARGUMENTS …    passed to pulumi as they are; --stack among them names the stack"],
  async run({ rest, root, env, print }) {
    const stack = await openStack(root, stackName(stackArgument(rest), env), env);
    let confirmation: Confirmation | undefined;
    try {
      confirmation = isWhole(rest) ? await awaitConfirmation() : undefined;
      let errors = "";
      const code = await runInForeground(
        "pulumi",
        rest,
        root,
        { ...stack.context.env, ...confirmation?.env },
        (text) => {
          errors = (errors + text).slice(-LONGEST_ERROR);
        },
      );
      if (code !== EXIT.ok && LOCKED.test(errors)) {
        process.stderr.write(`\n${renderFault(lockFault(stack.context.stack))}\n`);
        return code;
      }
      if (!changesTheWorld(rest)) {
        return code;
      }
      const confirmed = code === EXIT.ok ? await confirmation?.read() : undefined;
      if (confirmed !== undefined) {
        print(`\nThe world after this run, as the places that were written to confirm it:\n${confirmed}`);
        return EXIT.ok;
      }
      print("\nThe world after this run:");
      const world = await reportWorld(stack.context, print);
      if (code === EXIT.ok) {
        return world;
      }
      process.stderr.write(
        `pulumi ended with ${String(code)}. What it said stands above "The world after this run".\n`,
      );
      return code;
    } finally {
      await Promise.all([stack.close(), confirmation?.close()]);
    }
  },
};

/** How the engine's backends say that somebody else has the stack (pulumi/pkg, backend/diy/lock.go; run with 3.259). */
const LOCKED = /the stack is currently locked by \d+ lock/;
const LONGEST_ERROR = 64 * 1024;

function lockFault(stack: string): Fault {
  return {
    where: `stack ${stack}`,
    what: "is locked by another run, or by one that was killed; this run has changed nothing",
    repair:
      "wait until the other run has ended; when the one named above no longer exists: npm run p24 -- pulumi -- cancel --yes",
  };
}

/** Options of pulumi that take a value as an argument of its own, and stand before or after the verb. */
const WITH_VALUE = new Set(["-s", "--stack", "-C", "--cwd", "--config-file", "-c", "--config", "-m", "--message"]);

function stackArgument(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === "-s" || arg === "--stack");
  return at === -1 ? args.find((arg) => arg.startsWith("--stack="))?.slice("--stack=".length) : args[at + 1];
}

/** Whether the call is an `up`: its verb is the first word that is neither an option nor an option's value. */
export function changesTheWorld(args: readonly string[]): boolean {
  const verb = args.find((arg, at) => !arg.startsWith("-") && !WITH_VALUE.has(args[at - 1] ?? ""));
  return (verb === "up" || verb === "update") && !args.includes("--help") && !args.includes("-h");
}

/** Options that keep `up` from some of the resources, which then answer as they did before; `-t` also among others in one word. */
const NARROWING = /^(?:-[a-z]*t|--target|--exclude|--replace|--plan)/;

/** Whether the call is an `up` of everything. */
export function isWhole(args: readonly string[]): boolean {
  return changesTheWorld(args) && !args.some((arg) => NARROWING.test(arg));
}
