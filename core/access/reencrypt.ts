import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { type Fault, FaultList, FaultsError } from "../fault.js";
import { parseRecipients } from "../model/recipients.js";
import { openSource } from "../model/sources.js";
import { run } from "../process.js";
import { hasSameValues } from "../seal/sopsSet.js";
import { decryptSource } from "../sources/decrypt.js";

/** Sources that get the recipients of other rules. */
export interface Reencryption {
  readonly root: string;
  /** The text of .sops.yaml as it is to be. */
  readonly rules: string;
  /** The sources, from the repository's root. */
  readonly paths: readonly string[];
  /** Whether they also get new data keys, so that who had the former ones cannot open them any more. */
  readonly newDataKeys: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The texts of the sources with the recipients of the rules, by path. sops works on copies in a temporary folder, ciphertext
 * all of it: it writes in place, and a killed run would leave half a file. Each copy is opened again and must hold the same
 * values. The repository is not touched. Throws a FaultsError with the faults of all of them.
 */
export async function reencrypt(request: Reencryption): Promise<Map<string, string>> {
  await clearLeft();
  const folder = await realpath(await mkdtemp(join(tmpdir(), `${FOLDER}${String(process.pid)}-`)));
  try {
    await writeFile(join(folder, ".sops.yaml"), request.rules);
    const faults = new FaultList();
    const texts = await Promise.all(
      request.paths.map(
        async (path) => [path, await faults.collectAsync(reencryptOne(request, folder, path))] as const,
      ),
    );
    faults.throwIfAny();
    return new Map(texts as (readonly [string, string])[]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In front of the process that works in the folder. */
const FOLDER = "p24-access-";

/** Takes away what killed runs left; what cannot be taken away is somebody else's. */
async function clearLeft(): Promise<void> {
  const names = await readdir(tmpdir());
  const left = names.filter((name) => {
    const pid = new RegExp(`^${FOLDER}(\\d+)-\\w+$`).exec(name)?.[1];
    return pid !== undefined && !isRunning(Number(pid));
  });
  await Promise.all(
    left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined)),
  );
}

/** A process of somebody else runs, too. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

async function reencryptOne(request: Reencryption, folder: string, path: string): Promise<string> {
  const { root, rules, newDataKeys, env } = request;
  const copy = join(folder, path);
  const before = await decryptSource(root, path, env);
  await mkdir(dirname(copy), { recursive: true });
  await writeFile(copy, await readFile(join(root, path)));
  await sops(folder, path, ["updatekeys", "--yes"], env);
  if (newDataKeys) {
    await sops(folder, path, ["rotate", "--in-place"], env);
  }
  const after = await openSource(folder, path, parseRecipients(rules), env);
  if (!hasSameValues(before.values, after.values)) {
    const what = "would hold other values than before, so nothing was changed";
    throw new FaultsError([{ where: path, what, repair: "sops --version; update sops and run again" }]);
  }
  return readFile(copy, "utf8");
}

async function sops(folder: string, path: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  // A configuration that is named elsewhere would beat the rules in the folder.
  const { code } = await run("sops", [...args, path], { cwd: folder, env: { ...env, SOPS_CONFIG: undefined } });
  if (code !== 0) {
    throw new FaultsError([refusal(code, path, args[0] ?? "")]);
  }
}

function refusal(code: number | undefined, path: string, verb: string): Fault {
  return code === undefined
    ? { where: path, what: "sops was not found", repair: "node toolchain/setup.mjs, or install sops" }
    : {
        where: path,
        what: `sops ${verb} ended with ${String(code)}; nothing was changed`,
        repair: `sops ${verb} ${path} shows why`,
      };
}
