import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { FaultsError } from "../fault.js";
import { sourcePath } from "../model/sources.js";
import { setInSource, unsetInSource } from "../seal/sopsSet.js";
import { readStructure } from "../sources/structure.js";
import type { Change, Rules } from "./check.js";

/**
 * Writes a change that was checked into its source, through sops. When that fails, or leaves something else than a flat
 * encrypted file, the former file is put back. Throws a FaultsError.
 */
export async function writeChange({ root, env }: Pick<Rules, "root" | "env">, change: Change): Promise<void> {
  const { source, key, secret } = change;
  const path = sourcePath(source);
  const former = await readFile(join(root, path), "utf8");
  try {
    const code =
      secret === undefined
        ? await unsetInSource(root, path, key, env)
        : await setInSource(root, path, key, secret, env);
    if (code !== 0) {
      const what = `sops could not write it (its exit code is ${String(code)}); nothing was changed`;
      throw new FaultsError([{ where: path, name: key, what, repair: `sops edit ${path} shows why` }]);
    }
    readStructure(await readFile(join(root, path), "utf8"), path);
  } catch (error) {
    await writeFile(join(root, path), former);
    throw error;
  }
}
