import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { ToolchainError } from "./errors.mjs";

const MANIFEST = "p24-tool.json";

/**
 * Where the tools are kept, outside every checkout. It can be deleted at any time. P24_TOOLCHAIN_DIR is for an environment
 * whose home is not its user's, as the sandbox's.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @param {NodeJS.Platform} [platform]
 * @returns {string}
 */
export function cacheRoot(env = process.env, platform = process.platform) {
  if (env.P24_TOOLCHAIN_DIR && isAbsolute(env.P24_TOOLCHAIN_DIR)) return env.P24_TOOLCHAIN_DIR;
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, "p24-infra", "toolchain");
  if (platform === "win32" && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, "p24-infra", "toolchain");
  return join(env.HOME || homedir(), ".cache", "p24-infra", "toolchain");
}

/**
 * A short key over everything that decides what an artifact contains.
 *
 * @param {(string | Buffer)[]} parts
 * @returns {string} 16 hex digits
 */
export function contentKey(parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex").slice(0, 16);
}

/**
 * @typedef {{ name: string, version: string, origin: 'download' | 'built', files: Record<string, number>, at: string,
 *   seconds: number }} Manifest `files`: file name -> size in bytes
 */

/**
 * The manifest of a finished artifact, or null when it is absent, or damaged (a file is missing or has another size).
 *
 * @param {string} folder
 * @returns {Manifest | null}
 */
export function readArtifact(folder) {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, MANIFEST), "utf8"));
    for (const [file, size] of Object.entries(manifest.files)) {
      if (statSync(join(folder, file)).size !== size) return null;
    }
    return manifest;
  } catch {
    return null;
  }
}

/**
 * A private folder to build in. What a killed run left for the same artifact is removed first, so call it under the lock.
 *
 * @param {string} root the cache
 * @param {string} artifact folder name of the artifact
 * @returns {string}
 */
export function stage(root, artifact) {
  const parent = join(root, "tmp");
  try {
    mkdirSync(parent, { recursive: true });
    for (const left of readdirSync(parent)) {
      if (left.startsWith(`${artifact}~`)) rmSync(join(parent, left), { recursive: true, force: true });
    }
    const folder = join(parent, `${artifact}~${process.pid}-${randomBytes(4).toString("hex")}`);
    mkdirSync(folder);
    return folder;
  } catch (error) {
    throw unwritable(root, error);
  }
}

/**
 * Makes a staged folder the artifact, all at once. When another run published first, its artifact stays and ours goes.
 *
 * @param {string} staged
 * @param {string} folder
 * @param {Omit<Manifest, 'files' | 'at'>} facts
 * @returns {Manifest}
 */
export function publish(staged, folder, facts) {
  const files = Object.fromEntries(readdirSync(staged).map((file) => [file, statSync(join(staged, file)).size]));
  const manifest = { ...facts, files, at: new Date().toISOString() };
  writeFileSync(join(staged, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  mkdirSync(dirname(folder), { recursive: true });
  for (let attempt = 0; ; attempt++) {
    try {
      renameSync(staged, folder);
      return manifest;
    } catch (error) {
      const other = readArtifact(folder);
      if (other) {
        rmSync(staged, { recursive: true, force: true });
        return other;
      }
      if (attempt > 0) throw error;
      rmSync(folder, { recursive: true, force: true }); // damaged: it has no valid manifest
    }
  }
}

/**
 * @param {string} root
 * @param {NodeJS.ErrnoException} error
 * @returns {Error} an error for people when the cache cannot be written, else the error itself
 */
export function unwritable(root, error) {
  if (!String(error.path ?? error.dest).startsWith(root)) return error;
  if (!["EACCES", "EPERM", "EROFS", "ENOTDIR", "ENOSPC", "EEXIST", "ENOENT"].includes(error.code ?? "")) return error;
  const what =
    error.code === "ENOSPC" ? "The disk with the toolchain cache is full." : "The toolchain cache cannot be written.";
  return new ToolchainError(what, {
    where: `${root} (${error.code})`,
    repair:
      "set XDG_CACHE_HOME (Windows: LOCALAPPDATA) to a folder of yours with 1 GB free, then run node toolchain/setup.mjs again",
    code: "CACHE_UNWRITABLE",
  });
}
