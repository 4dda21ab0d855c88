import { FaultsError } from "../../../core/fault.js";
import { run } from "../../../core/process.js";
import { commitFiles } from "../../commit.js";
import { done, needs, type Site, type Step, toDo } from "../step.js";
import { openOf, waitsFor } from "../walk.js";

const MESSAGE = "feat(secrets): bootstrap of the sources";

/** What the walk has changed is committed: `up` does not start from files that differ from the last commit. */
export const commit: Step = {
  name: "commit",
  async look(site, earlier) {
    const encrypted = earlier.map(({ step }) => step).filter((step) => step.startsWith("encrypt "));
    const open = openOf(earlier, "repository", ...encrypted, "own values", "stack", "hook");
    if (open.length > 0) {
      return waitsFor(open);
    }
    const { code } = await git(site, "rev-parse", "--verify", "--quiet", "HEAD");
    const first = code !== 0;
    const paths = first ? ["."] : [".sops.yaml", site.settingsFile, "secrets", "docs/secrets-rotation-log.md"];
    const { stdout } = await git(site, "status", "--porcelain", "-z", "--", ...paths);
    const changed = stdout.split("\0").flatMap((entry) => (entry.length > 3 ? [entry.slice(3)] : []));
    if (changed.length === 0) {
      return done("nothing is left to commit");
    }
    const what = first ? "everything, as the repository's first commit" : changed.join(", ");
    if (!site.wishes.commit) {
      return needs(`${what} is not committed`, `git add ${paths.join(" ")}`, `git commit -m "${MESSAGE}"`);
    }
    return toDo(`commits ${what}`, () => commitAll(site, paths));
  },
};

function git({ root, env }: Site, ...args: string[]) {
  return run("git", args, { cwd: root, env });
}

async function commitAll(site: Site, paths: readonly string[]): Promise<void> {
  const { code } = await git(site, "var", "GIT_COMMITTER_IDENT");
  if (code !== 0) {
    const repair = 'git config user.name "YOUR NAME"; git config user.email "YOU@EXAMPLE"; then init again';
    throw new FaultsError([{ where: "git", what: "does not know who you are", repair }]);
  }
  await commitFiles(site.root, site.env, paths, MESSAGE);
}
