import { HOOKS, installHooks } from "../../guard/install.js";
import { EXIT, type Verb } from "../verb.js";

/** Git's hooks for one clone. */
export const hookInstall: Verb = {
  name: "hook install",
  summary: "let git refuse plaintext in this clone, at commit and at push",
  example: "npm run p24 -- hook install",
  words: [0, 0],
  options: { replace: { type: "boolean" } },
  optionHelp: ["--replace  silence other hooks of this clone"],
  async run({ options, root, print }) {
    const done = await installHooks(root, { replace: options["replace"] === true });
    print(
      done === "installed"
        ? `git starts the hooks of ${HOOKS} in this clone from now on: pre-commit, pre-merge-commit, pre-push.`
        : `The hooks of ${HOOKS} are installed already.`,
    );
    return EXIT.ok;
  },
};
