import { listStacks } from "../../backend.js";
import { bad, type Check, ok } from "../check.js";

/** Pulumi's state can be reached, and has the stack. */
export const backend: Check = {
  area: "backend",
  async look({ root, stack, opened, faults }) {
    if (opened === undefined) {
      return [
        bad(
          "unknown",
          "cannot be asked before the other faults are repaired",
          faults[0]?.repair ?? "npm run p24 -- init",
        ),
      ];
    }
    const { shown, stacks } = await listStacks(root, opened.context.env);
    if (stacks === undefined) {
      return [
        bad(
          "unknown",
          `${shown === "" ? "(none is set)" : shown} does not answer`,
          "npm run p24 -- exec -- pulumi stack ls    shows why",
        ),
      ];
    }
    return stacks.includes(stack)
      ? [ok(`${shown} has the stack ${stack}`)]
      : [bad("fault", `${shown} has no stack ${stack}`, "npm run p24 -- init")];
  },
};
