import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { contentKey, stage, unwritable } from "./cache.mjs";
import { withLock } from "./lock.mjs";
import { executable } from "./path.mjs";

/**
 * A folder that holds exactly these programs, to be put on PATH. Programs of the cache are hard links, not symbolic ones:
 * pulumi looks for its language host beside its own resolved path. Programs from PATH are symbolic links, which resolve
 * to where they were installed. Windows gets copies where links are not allowed.
 *
 * @param {string} root the cache
 * @param {{ name: string, origin: string, location: string }[]} programs
 * @returns {Promise<{ binDir: string, locations: Map<string, string> }>} `locations`: where to start a program from
 */
export async function linkPrograms(root, programs) {
  const key = contentKey(programs.flatMap(({ name, location }) => [name, location]));
  const binDir = join(root, "bin", key);
  const whole = () => existsSync(binDir) && programs.every((program) => isSame(program, binDir));
  try {
    if (!whole())
      await withLock(join(root, "locks", `bin-${key}.lock`), async () => whole() || link(root, programs, key));
  } catch (error) {
    throw unwritable(root, error);
  }
  const own = programs.filter(({ origin }) => origin !== "path");
  return { binDir, locations: new Map(own.map(({ name }) => [name, join(binDir, executable(name))])) };
}

/** Whether a program lies in a folder and still is what it was linked from (somebody may have replaced it). */
function isSame({ name, location }, binDir) {
  const there = statSync(join(binDir, executable(name)), { throwIfNoEntry: false });
  return there !== undefined && there.size === statSync(location, { throwIfNoEntry: false })?.size;
}

function link(root, programs, key) {
  const binDir = join(root, "bin", key);
  const staged = stage(root, `bin-${key}`);
  try {
    for (const { name, origin, location } of programs)
      place(location, join(staged, executable(name)), origin === "path");
    mkdirSync(dirname(binDir), { recursive: true });
    rmSync(binDir, { recursive: true, force: true });
    renameSync(staged, binDir);
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

function place(source, target, symbolic) {
  try {
    if (symbolic) symlinkSync(source, target);
    else linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}
