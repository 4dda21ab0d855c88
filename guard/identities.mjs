// @ts-check
/**
 * The recipients of the age identities on this machine, from the places where sops looks for them; core/sources/identities.ts
 * says which. Only the public parts leave this module. Loaded only when .sops.yaml is staged.
 */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Throws when there are identities but no `age-encryption` package to tell their recipients.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<ReadonlySet<string>>}
 */
export async function recipientsOnThisMachine(env) {
  const texts = await Promise.all([textOf(env["SOPS_AGE_KEY_FILE"]), textOf(defaultFile(env))]);
  const command = env["SOPS_AGE_KEY_CMD"];
  const answered =
    command === undefined || command === ""
      ? ""
      : spawnSync(command, { env, shell: true, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).stdout;
  const lines = [env["SOPS_AGE_KEY"] ?? "", answered, ...texts].join("\n").split(/\r?\n/);
  const identities = [
    ...new Set(lines.map((line) => line.trim()).filter((line) => line.startsWith("AGE-SECRET-KEY-"))),
  ];
  if (identities.length === 0) {
    return new Set();
  }
  const { identityToRecipient } = await import("age-encryption");
  const recipients = await Promise.all(identities.map((one) => identityToRecipient(one).catch(() => undefined)));
  return new Set(recipients.filter((one) => one !== undefined));
}

/** @param {NodeJS.ProcessEnv} env */
function defaultFile(env) {
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

/** @param {string | undefined} file */
async function textOf(file) {
  return file === undefined || file === "" ? "" : readFile(file, "utf8").catch(() => "");
}
