import { run } from "../process.js";

/** What `up` must know of the checkout that it runs from. */
export interface Checkout {
  /** HEAD, 40 or 64 hex digits; `undefined` outside of a repository or before the first commit. */
  readonly head: string | undefined;
  /** Tracked files, or sources, that differ from HEAD. */
  readonly dirty: readonly string[];
  /** History is cut off, so nothing can be said about older commits. */
  readonly shallow: boolean;
  /** How the last converged commit relates to HEAD; `none` when there is none yet. */
  readonly converged: "none" | "contained" | "not contained" | "unknown";
}

/** Reads the checkout at `root`; `converged` is the commit that the ledger calls last converged. */
export async function observeCheckout(root: string, converged: string | undefined): Promise<Checkout> {
  const git = (...args: string[]) => run("git", ["--no-optional-locks", ...args], { cwd: root });
  const [revision, status, ancestor] = await Promise.all([
    git("rev-parse", "--is-shallow-repository", "HEAD"),
    git("status", "--porcelain", "--untracked-files=normal", "-z", "--", ".", ":(exclude)node_modules"),
    converged === undefined ? undefined : git("merge-base", "--is-ancestor", converged, "HEAD"),
  ]);
  const [shallow, head] = revision.stdout.split("\n");
  return {
    head: revision.code === 0 ? head : undefined,
    dirty: dirtyPaths(status.stdout),
    shallow: shallow === "true",
    converged:
      ancestor === undefined
        ? "none"
        : ancestor.code === 0
          ? "contained"
          : ancestor.code === 1
            ? "not contained"
            : "unknown",
  };
}

/** `git status --porcelain -z`: two letters, a blank, the path; a rename adds its old path as an entry of its own. */
function dirtyPaths(porcelain: string): string[] {
  const paths: string[] = [];
  const entries = porcelain.split("\0");
  for (let at = 0; at < entries.length; at += 1) {
    const entry = entries[at] ?? "";
    const code = entry.slice(0, 2);
    const path = entry.slice(3);
    if (path !== "" && (code !== "??" || path.startsWith("secrets/"))) {
      paths.push(path);
    }
    if (/[RC]/.test(code)) {
      at += 1;
    }
  }
  return paths;
}

/** The text of a file as a commit has it, `undefined` when it has none or the clone does not know the commit. */
export async function fileAt(root: string, commit: string, path: string): Promise<string | undefined> {
  const { code, stdout } = await run("git", ["show", `${commit}:./${path}`], { cwd: root });
  return code === 0 ? stdout : undefined;
}

/** The full name of a commit, `undefined` when the clone does not know it. */
export async function commitOf(root: string, revision: string): Promise<string | undefined> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
  const { code, stdout } = await run("git", args, { cwd: root });
  return code === 0 ? stdout.trim() : undefined;
}

/** The commits that touched a line which begins with a key, from the newest: its day in UTC, and its parent's name. */
export async function commitsTouching(
  root: string,
  path: string,
  key: string,
): Promise<readonly { readonly commit: string; readonly day: string }[]> {
  const format = ["--format=%H %cd", "--date=format-local:%Y-%m-%d"];
  const args = ["log", ...format, "-G", `^["']?${key}["']?:`, "--", path];
  const { stdout } = await run("git", args, { cwd: root, env: { ...process.env, TZ: "UTC" } });
  return stdout.split("\n").flatMap((line) => {
    const [commit, day] = line.split(" ");
    return commit === undefined || day === undefined ? [] : [{ commit, day }];
  });
}

/** HEAD's full name, and when it was committed: seconds since 1970. */
export async function commitTime(root: string): Promise<{ name: string; seconds: number } | undefined> {
  const { code, stdout } = await run("git", ["show", "--no-patch", "--format=%H %ct", "HEAD"], { cwd: root });
  const [name, seconds] = stdout.trim().split(" ");
  return code === 0 && name !== undefined && name !== "" ? { name, seconds: Number(seconds) } : undefined;
}
