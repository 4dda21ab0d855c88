import { copyFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { BESIDE } from "../files.js";
import { run } from "../process.js";
import { open, type Secret } from "./secret.js";

/**
 * Seals one value into a source with `sops set`: the value goes through standard input, never through arguments or a
 * file. Gives sops's exit code, `undefined` when sops was not found.
 */
export async function setInSource(
  root: string,
  path: string,
  key: string,
  secret: Secret,
  env: NodeJS.ProcessEnv,
): Promise<number | undefined> {
  return edit(root, path, ["set", "--value-stdin"], key, env, JSON.stringify(open(secret)));
}

/** Whether two secrets have the same value. */
export function isSame(one: Secret, other: Secret): boolean {
  return open(one) === open(other);
}

/** Whether two sources hold the same values under the same keys. */
export function hasSameValues(one: ReadonlyMap<string, Secret>, other: ReadonlyMap<string, Secret>): boolean {
  return (
    one.size === other.size &&
    [...one].every(([key, secret]) => {
      const there = other.get(key);
      return there !== undefined && isSame(secret, there);
    })
  );
}

/** Takes one key out of a source with `sops unset`. Gives sops's exit code, `undefined` when sops was not found. */
export async function unsetInSource(
  root: string,
  path: string,
  key: string,
  env: NodeJS.ProcessEnv,
): Promise<number | undefined> {
  return edit(root, path, ["unset"], key, env);
}

/**
 * sops empties a file before it writes it anew (getsops/sops 3.13, cmd/sops/main.go: `os.Create`), and a run that is killed
 * there would lose every value. So it works on a copy beside the source, which then takes its place.
 */
async function edit(
  root: string,
  path: string,
  verb: readonly string[],
  key: string,
  env: NodeJS.ProcessEnv,
  input?: string,
): Promise<number | undefined> {
  const beside = `${path}${BESIDE}`;
  await copyFile(join(root, path), join(root, beside));
  try {
    const args = [...verb, "--input-type", "yaml", "--output-type", "yaml", beside, `["${key}"]`];
    const { code } = await run("sops", args, { cwd: root, env, ...(input === undefined ? {} : { input }) });
    if (code === 0) {
      await rename(join(root, beside), join(root, path));
    }
    return code;
  } finally {
    await rm(join(root, beside), { force: true });
  }
}
