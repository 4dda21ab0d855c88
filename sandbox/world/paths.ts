import { join } from "node:path";

/** Where things lie below a sandbox's folder. */
export function sandboxPaths(dir: string) {
  return {
    dir,
    /** The operator's clone: its own git repository, the program in it is this checkout's (links). */
    work: join(dir, "work"),
    home: join(dir, "home"),
    identities: join(dir, "identities"),
    pulumiHome: join(dir, "pulumi"),
    backend: join(dir, "backend"),
    hosts: join(dir, "hosts"),
    authority: join(dir, "ca"),
    envFile: join(dir, "env"),
    stateFile: join(dir, "state.json"),
    log: join(dir, "daemon.log"),
  } as const;
}

export type SandboxPaths = ReturnType<typeof sandboxPaths>;
