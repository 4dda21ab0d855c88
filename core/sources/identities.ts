import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { run } from "../process.js";

/**
 * The caller's age identities, from the places where sops looks for them (getsops/sops, README, "Encrypting using
 * age"): SOPS_AGE_KEY, SOPS_AGE_KEY_FILE, SOPS_AGE_KEY_CMD, and keys.txt in the user's configuration folder.
 * They stay inside `core/sources/`.
 */
export async function findIdentities(env: NodeJS.ProcessEnv): Promise<string[]> {
  const texts = await Promise.all([
    readText(env["SOPS_AGE_KEY_FILE"]),
    readCommand(env["SOPS_AGE_KEY_CMD"], env),
    readText(defaultFile(env)),
  ]);
  const lines = [env["SOPS_AGE_KEY"] ?? "", ...texts].join("\n").split(/\r?\n/);
  return [...new Set(lines.map((line) => line.trim()).filter((line) => line.startsWith("AGE-SECRET-KEY-")))];
}

/** Where sops and this program look when no variable names a file. */
export function defaultFile(env: NodeJS.ProcessEnv): string {
  const below = join("sops", "age", "keys.txt");
  if (env["XDG_CONFIG_HOME"] !== undefined && env["XDG_CONFIG_HOME"] !== "") {
    return join(env["XDG_CONFIG_HOME"], below);
  }
  const home = env["HOME"] ?? homedir();
  switch (process.platform) {
    case "win32":
      return join(env["APPDATA"] ?? join(homedir(), "AppData", "Roaming"), below);
    case "darwin":
      return join(home, "Library", "Application Support", below);
    default:
      return join(home, ".config", below);
  }
}

async function readCommand(command: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  return command === undefined || command === "" ? "" : (await run(command, [], { env, shell: true })).stdout;
}

async function readText(file: string | undefined): Promise<string> {
  if (file === undefined || file === "") {
    return "";
  }
  return readFile(file, "utf8").catch(() => "");
}
