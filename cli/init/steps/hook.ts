import { HOOKS, hookState, installHooks } from "../../../guard/install.js";
import { done, needs, type Step, toDo } from "../step.js";
import { openOf, waitsFor } from "../walk.js";

/** Git refuses plaintext in this clone. */
export const hook: Step = {
  name: "hook",
  async look({ root }, earlier) {
    const open = openOf(earlier, "repository");
    if (open.length > 0) {
      return waitsFor(open);
    }
    const { state, others } = await hookState(root);
    switch (state) {
      case "installed":
        return done(`git starts ${HOOKS} here`);
      case "others":
        return needs(`other hooks are active here: ${others.join(", ")}`, "npm run p24 -- hook install --replace");
      case "absent":
      case "no clone":
        return toDo(`lets git start ${HOOKS} in this clone`, async () => {
          await installHooks(root);
        });
    }
  },
};
