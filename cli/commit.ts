import { type Fault, FaultsError } from "../core/fault.js";
import { run } from "../core/process.js";

/** Who commits, as git would name them: `radieu`. Throws a FaultsError when git does not know. */
export async function whoCommits(root: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { code, stdout } = await run("git", ["var", "GIT_AUTHOR_IDENT"], { cwd: root, env });
  const name = /^(.+?)\s*</.exec(stdout)?.[1];
  if (code !== 0 || name === undefined) {
    const repair = 'git config user.name "YOUR NAME", and git config user.email';
    throw new FaultsError([{ where: "git", what: "does not know who you are", repair }]);
  }
  return name;
}

/** Those of these files that differ from the last commit. Throws a FaultsError outside of a clone. */
export async function changedFiles(root: string, env: NodeJS.ProcessEnv, paths: readonly string[]): Promise<string[]> {
  const { code, stdout } = await run("git", ["status", "--porcelain", "-z", "--", ...paths], { cwd: root, env });
  if (code !== 0) {
    throw new FaultsError([{ where: "git", what: "this is not a clone", repair: "run from a clone, or --no-commit" }]);
  }
  return stdout.split("\0").flatMap((entry) => (entry.length > 3 ? [entry.slice(3)] : []));
}

/** What is said of files that a commit of ours would take along with changes that are not ours. */
export function foreignFaults(changed: readonly string[]): Fault[] {
  const repair = "git commit or git restore them first, or --no-commit";
  return changed.map((where) => ({ where, what: "has changes that are not committed", repair }));
}

/** Files that a commit of ours would take along with changes that are not ours. Throws a FaultsError when there are any. */
export async function refuseChanged(root: string, env: NodeJS.ProcessEnv, paths: readonly string[]): Promise<void> {
  const changed = await changedFiles(root, env, paths);
  if (changed.length > 0) {
    throw new FaultsError(foreignFaults(changed));
  }
}

/**
 * Commits these files and nothing else that may be staged. What git and the hooks say goes to stderr. Gives the commit's
 * name; throws a FaultsError when there is no commit, and leaves the files as they are.
 */
export async function commitFiles(
  root: string,
  env: NodeJS.ProcessEnv,
  paths: readonly string[],
  message: string,
): Promise<string> {
  const git = (...args: string[]) => run("git", args, { cwd: root, env, listen: (text) => process.stderr.write(text) });
  const added = await git("add", "--", ...paths);
  const done = added.code === 0 ? await git("commit", "--quiet", "--message", message, "--", ...paths) : added;
  if (done.code !== 0) {
    process.stderr.write(done.stdout);
    throw new FaultsError([notCommitted(paths, message)]);
  }
  return (await git("rev-parse", "HEAD")).stdout.trim();
}

function notCommitted(paths: readonly string[], message: string): Fault {
  const what = "the new state is written there, encrypted, but git did not commit it; what it said stands above";
  return { where: paths.join(", "), what, repair: commitCommand(paths, message) };
}

/** The command with which a person commits it. */
export function commitCommand(paths: readonly string[], message: string): string {
  return `git commit -m "${message}" -- ${paths.join(" ")}`;
}
