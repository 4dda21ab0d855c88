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
  const args = ["set", "--value-stdin", path, `["${key}"]`];
  return (await run("sops", args, { cwd: root, env, input: JSON.stringify(open(secret)) })).code;
}

/** Whether two secrets have the same value. */
export function isSame(one: Secret, other: Secret): boolean {
  return open(one) === open(other);
}

/** Takes one key out of a source with `sops unset`. Gives sops's exit code, `undefined` when sops was not found. */
export async function unsetInSource(
  root: string,
  path: string,
  key: string,
  env: NodeJS.ProcessEnv,
): Promise<number | undefined> {
  return (await run("sops", ["unset", path, `["${key}"]`], { cwd: root, env })).code;
}
