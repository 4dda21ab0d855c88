import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { cacheRoot } from "../toolchain/setup.mjs";

/** Where lab/prepare.ts keeps Debian packages that are not installed on this machine. */
export function packageFolder(): string {
  return join(dirname(cacheRoot()), "lab");
}

/** Whether a package's file is there. */
export function isKept(name: string): boolean {
  return existsSync(packageFolder()) && readdirSync(packageFolder()).some((file) => file.startsWith(`${name}_`));
}
