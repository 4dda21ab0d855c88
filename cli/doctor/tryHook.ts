import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { FaultsError } from "../../core/fault.js";
import { run } from "../../core/process.js";

/** The spec's own example of what must not be committed. */
const PATH = "secrets/test.sops.yaml";
const IN_CLEAR = "smtp_password: an-example-and-no-password\n";

export interface Tried {
  /** Whether git started a hook at all. */
  readonly ran: boolean;
  readonly rejected: boolean;
  /** What the hook says of a commit without that file: else it might reject everything. */
  readonly rejectedWithout: boolean;
}

/**
 * Lets git start its pre-commit hook as `git commit` would, on an index and an object store of its own, so that neither the
 * clone's index nor its objects change and nothing is committed. Throws a FaultsError.
 */
export async function tryHook(root: string, env: NodeJS.ProcessEnv): Promise<Tried> {
  const folder = await mkdtemp(join(tmpdir(), "p24-hook-"));
  try {
    const pathOf = async (name: string) =>
      resolve(root, (await run("git", ["rev-parse", "--git-path", name], { cwd: root, env })).stdout.trim());
    await mkdir(join(folder, "objects"));
    const apart = {
      ...env,
      GIT_INDEX_FILE: join(folder, "index"),
      GIT_OBJECT_DIRECTORY: join(folder, "objects"),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: await pathOf("objects"),
    };
    const git = async (args: readonly string[], input = "") => {
      const { code, stdout } = await run("git", args, { cwd: root, env: apart, input });
      if (code !== 0) {
        const what = "the hook cannot be tried: there is no commit yet, or git cannot be asked";
        throw new FaultsError([{ where: "git", what, repair: "npm run p24 -- init" }]);
      }
      return stdout.trim();
    };
    await git(["read-tree", "HEAD"]);
    const ran = existsSync(await pathOf("hooks/pre-commit"));
    const hook = () => run("git", ["hook", "run", "--ignore-missing", "pre-commit"], { cwd: root, env: apart });
    const without = await hook();
    const blob = await git(["hash-object", "-w", "--stdin"], IN_CLEAR);
    await git(["update-index", "--add", "--cacheinfo", `100644,${blob},${PATH}`]);
    const withIt = await hook();
    return { ran, rejected: withIt.code !== 0, rejectedWithout: without.code !== 0 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
