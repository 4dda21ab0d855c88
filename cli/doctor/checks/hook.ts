import { HOOKS, hookState } from "../../../guard/install.js";
import { bad, type Check, ok } from "../check.js";

/** Git refuses plaintext in this clone. */
export const hook: Check = {
  area: "hook",
  async look({ root }) {
    const { state, others } = await hookState(root);
    switch (state) {
      case "installed":
        return [ok(`git starts ${HOOKS} in this clone`)];
      case "absent":
        return [bad("fault", "git starts no hooks in this clone", "npm run p24 -- hook install")];
      case "others":
        return [
          bad("fault", `other hooks are active here: ${others.join(", ")}`, "npm run p24 -- hook install --replace"),
        ];
      case "no clone":
        return [bad("fault", "this folder is no clone of git", "git clone it, and run from there")];
    }
  },
};
