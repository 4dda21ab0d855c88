import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contentKey, unwritable } from "./cache.mjs";
import { ToolchainError } from "./errors.mjs";
import { withLock } from "./lock.mjs";
import { run } from "./process.mjs";

const STAMP = "node_modules/.p24-package-lock.sha256";

/**
 * Whether node_modules is absent or belongs to another package-lock.json. The content decides; where nobody wrote it
 * down (somebody ran `npm ci` by hand), the file times do.
 *
 * @param {string} root the checkout
 * @returns {boolean}
 */
export function npmNeeded(root) {
  const installed = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installed)) return true;
  const stamp = join(root, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lockSum(root)) return false;
  return statSync(installed).mtimeMs < statSync(join(root, "package-lock.json")).mtimeMs;
}

function lockSum(root) {
  return createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
}

/**
 * Runs `npm ci --ignore-scripts` when it is needed. Two runs in one checkout wait for each other.
 *
 * @param {string} root the checkout
 * @param {{ cache: string, progress: ReturnType<typeof import('./progress.mjs').createProgress>, env?: NodeJS.ProcessEnv }} how
 * @returns {Promise<boolean>} whether it ran
 */
export async function installPackages(root, { cache, progress, env = process.env }) {
  if (!existsSync(join(root, "package-lock.json"))) {
    throw new ToolchainError("There is no package-lock.json.", {
      where: root,
      repair: "check the file out again: git checkout package-lock.json",
    });
  }
  if (!npmNeeded(root)) return false;
  const lock = join(cache, "locks", `npm-${contentKey([root])}.lock`);
  const onWait = () => progress.note("waiting for npm ci: another run is at it");
  const work = async () => {
    if (!npmNeeded(root)) return false;
    await progress.step("npm ci", () => npmCi(root, env));
    writeFileSync(join(root, STAMP), lockSum(root));
    return true;
  };
  try {
    return await withLock(lock, work, { onWait });
  } catch (error) {
    throw unwritable(cache, error);
  }
}

async function npmCi(root, env) {
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const answer = await run("npm", args, { cwd: root, env, shell: process.platform === "win32" });
  if (answer.code === 0) return;
  throw new ToolchainError("npm ci failed.", {
    where: `${root}\n    ${answer.missing ? "no npm on PATH" : answer.stderr.trim().split("\n").slice(-4).join("\n    ")}`,
    repair: answer.missing
      ? "install Node with npm, or run with --no-npm"
      : "see that the npm registry can be reached (npm config get registry), then run node toolchain/setup.mjs again",
    code: "NPM_FAILED",
  });
}
