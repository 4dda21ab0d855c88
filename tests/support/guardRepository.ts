/** A real git repository in a temporary folder with the checkout's hooks, and nothing of this machine's own settings. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = join(__dirname, "../..");
export const HOOKS = join(ROOT, "scripts/git-hooks");

export interface Ran {
  readonly code: number;
  /** What came on stdout and stderr. */
  readonly said: string;
}

export class Repository {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;

  /** Makes the repository in a folder that need not exist. */
  constructor(root: string, { hooks = HOOKS }: { hooks?: string } = {}) {
    this.root = root;
    const home = `${root}.home`;
    mkdirSync(home, { recursive: true });
    mkdirSync(root, { recursive: true });
    this.env = {
      PATH: process.env["PATH"],
      HOME: home,
      XDG_CONFIG_HOME: join(home, ".config"),
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.com",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.com",
    };
    this.must("init", "--quiet", "--initial-branch=main");
    this.must("config", "core.hooksPath", hooks);
  }

  git(...args: readonly string[]): Ran {
    const { status, stdout, stderr } = spawnSync("git", args, { cwd: this.root, env: this.env, encoding: "utf8" });
    return { code: status ?? -1, said: stdout + stderr };
  }

  /** git, where nothing but success makes sense. */
  must(...args: readonly string[]): string {
    const { code, said } = this.git(...args);
    if (code !== 0) {
      throw new Error(`git ${args[0] ?? ""} ended with ${String(code)}: ${said}`);
    }
    return said.trim();
  }

  write(path: string, content: string | Buffer): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** Stages all and commits without the hooks. */
  commitUnseen(message: string): string {
    this.must("add", "--all");
    this.must("commit", "--quiet", "--no-verify", "--allow-empty", "--message", message);
    return this.must("rev-parse", "HEAD");
  }

  /** Stages all and commits with the hooks. */
  commit(message: string): Ran {
    this.must("add", "--all");
    return this.git("commit", "--quiet", "--message", message);
  }
}
