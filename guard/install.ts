import { chmod, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";

import { type Fault, FaultsError } from "../core/fault.js";
import { run } from "../core/process.js";

/** Where the hooks lie, from the repository's root. */
export const HOOKS = "scripts/git-hooks";

/** Whether git starts our hooks in this clone. */
export type HookState = "installed" | "absent" | "others" | "no clone";

/**
 * What git does in the clone at `root`. `others`: another folder of hooks is set, or there are hooks in git's own folder,
 * which ours would silence.
 */
export async function hookState(
  root: string,
): Promise<{ readonly state: HookState; readonly others: readonly string[] }> {
  const inside = await run("git", ["rev-parse", "--is-inside-work-tree"], { cwd: root });
  if (inside.code !== 0 || inside.stdout.trim() !== "true") {
    return { state: "no clone", others: [] };
  }
  const path = (await run("git", ["config", "--get", "core.hooksPath"], { cwd: root })).stdout.trim();
  if (path !== "") {
    return resolve(root, path) === resolve(root, HOOKS)
      ? { state: "installed", others: [] }
      : { state: "others", others: [`core.hooksPath is ${path}`] };
  }
  const folder = (await run("git", ["rev-parse", "--git-path", "hooks"], { cwd: root })).stdout.trim();
  const names = await readdir(resolve(root, folder)).catch(() => []);
  const active = names.filter((name) => !name.endsWith(".sample"));
  return active.length === 0
    ? { state: "absent", others: [] }
    : { state: "others", others: active.map((name) => join(folder, name)) };
}

/**
 * Lets git start the hooks of the checkout itself (`core.hooksPath`): they need no copy that grows old, and no link, which
 * Windows would not make. Other hooks are not silenced unless told. Throws a FaultsError.
 */
export async function installHooks(
  root: string,
  options: { readonly replace?: boolean } = {},
): Promise<"installed" | "was there"> {
  const { state, others } = await hookState(root);
  if (state === "installed") {
    return "was there";
  }
  const fault = installFault(state, others, options.replace === true);
  if (fault !== undefined) {
    throw new FaultsError([fault]);
  }
  // A checkout may have lost the bit (a copied folder, an archive); without it git leaves a hook out with a mere hint.
  const names = await readdir(join(root, HOOKS)).catch(() => []);
  await Promise.all(names.map((name) => chmod(join(root, HOOKS, name), 0o755)));
  const { code } = await run("git", ["config", "--local", "core.hooksPath", HOOKS], { cwd: root });
  if (code !== 0) {
    const what = "its settings cannot be written";
    throw new FaultsError([{ where: "git", what, repair: `git config --local core.hooksPath ${HOOKS} shows why` }]);
  }
  return "installed";
}

function installFault(state: HookState, others: readonly string[], replace: boolean): Fault | undefined {
  switch (state) {
    case "no clone":
      return { where: "git", what: "this is no clone of the repository", repair: "git clone it, and run from there" };
    case "others":
      return replace
        ? undefined
        : {
            where: "git",
            what: `other hooks are active here: ${others.join(", ")}`,
            repair: "call them from your own, or silence them with: npm run p24 -- hook install --replace",
          };
    case "absent":
    case "installed":
      return undefined;
  }
}
