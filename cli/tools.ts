import { run } from "../core/process.js";

/** A program that the CLI starts by name. */
export interface Program {
  readonly name: string;
  /** What it says of itself; `undefined` when it is not on PATH, or says nothing that is a version. */
  readonly version: string | undefined;
  /** Whether that version is one that this was tested with (toolchain/lib/tools.mjs says which). */
  readonly fits: boolean;
  /** `3.11.0 to below 4.0.0` */
  readonly wanted: string;
}

/** Beside the toolchain's: what every machine has in a version that its owner chose. */
const OWN = [
  // `git hook run`, with which doctor tries the hook, is of 2.36.
  { name: "git", args: ["--version"], min: "2.36.0", below: "3.0.0", env: {} },
];
const NEEDED = ["pulumi", "sops"];

/** Asks every program that the CLI needs for its version. */
export async function findPrograms(env: NodeJS.ProcessEnv): Promise<Program[]> {
  const { fits, parseVersion, TOOLS } = await import("../toolchain/lib/internals.mjs");
  const table = TOOLS.flatMap(({ name, path }) =>
    path !== undefined && NEEDED.includes(name) ? [{ name, ...path }] : [],
  );
  return Promise.all(
    [...OWN, ...table].map(async ({ name, args, min, below, env: quiet }) => {
      const { code, stdout } = await run(name, args, { env: { ...env, ...quiet } });
      // Git for Windows: `git version 2.47.1.windows.1`.
      const version = code === 0 ? (parseVersion(stdout.replace(/\.windows\..*/, "")) ?? undefined) : undefined;
      return {
        name,
        version,
        fits: version !== undefined && fits(version, { min, below }),
        wanted: `${min} to below ${below}`,
      };
    }),
  );
}
