import { realpath } from "node:fs/promises";

import { FaultsError } from "../../../core/fault.js";
import { run } from "../../../core/process.js";
import { done, type Step, toDo } from "../step.js";

/** The folder is a repository of its own. */
export const repository: Step = {
  name: "repository",
  async look({ root, env }) {
    const { code, stdout } = await run("git", ["rev-parse", "--show-toplevel"], { cwd: root, env });
    if (code !== 0) {
      return toDo("makes this folder a git repository (git init)", async () => {
        const { code: ended } = await run("git", ["init", "--quiet", "--initial-branch=main"], { cwd: root, env });
        if (ended !== 0) {
          const what = `git init failed (its exit code is ${String(ended)})`;
          throw new FaultsError([{ where: root, what, repair: "git init shows why" }]);
        }
      });
    }
    const top = stdout.trim();
    if ((await real(top)) !== (await real(root))) {
      const what = "lies inside of another repository, and sops, the hook and the workflows look at its top";
      throw new FaultsError([{ where: root, what, repair: "clone p24-infra to a folder of its own" }]);
    }
    return done(`${root} is one`);
  },
};

/** Git writes slashes on Windows, and both may go through links. */
async function real(path: string): Promise<string> {
  return (await realpath(path)).toLowerCase();
}
