import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { ReachableHost } from "./index.js";

/**
 * Puts a stand-in for the system's `ssh` into a folder for PATH, with which an admin gets into these hosts: for
 * `p24 host install` alone.
 */
export async function installAdminSsh(bin: string, hosts: readonly ReachableHost[]): Promise<void> {
  await mkdir(bin, { recursive: true });
  const known = hosts.map(({ name, port, root, recipient, hostKeyPublic }) => [
    String(port),
    { name, root, recipient, hostKey: hostKeyPublic },
  ]);
  await writeFile(join(bin, "hosts.json"), JSON.stringify(Object.fromEntries(known)));
  await copyFile(join(__dirname, "admin.cjs"), join(bin, "ssh"));
  await chmod(join(bin, "ssh"), 0o755);
}
