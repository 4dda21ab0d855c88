import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { cacheRoot } from "../toolchain/setup.mjs";

/** Where lab/prepare.ts keeps Debian packages that are not installed on this machine. */
export function packageFolder(): string {
  return join(dirname(cacheRoot()), "lab");
}

/** One program out of a package that is kept. */
export function programOf(name: string, path: string): Buffer {
  const [file = ""] = readdirSync(packageFolder()).filter((one) => one.startsWith(`${name}_`));
  const archive = ["--fsys-tarfile", join(packageFolder(), file)];
  const tree = spawnSync("dpkg-deb", archive, { maxBuffer: 512 * 1024 * 1024 }).stdout;
  const { status, stdout } = spawnSync("tar", ["-xO", path], { input: tree, maxBuffer: 128 * 1024 * 1024 });
  if (status !== 0) {
    throw new Error(`the package ${name} has no ${path}: npm run lab fetches it`);
  }
  return stdout;
}

/** Whether a package's file is there. */
export function isKept(name: string): boolean {
  return existsSync(packageFolder()) && readdirSync(packageFolder()).some((file) => file.startsWith(`${name}_`));
}
