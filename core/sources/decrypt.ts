import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Fault, FaultsError } from "../fault.js";
import { run } from "../process.js";
import { Secret } from "../seal/secret.js";
import { defaultFile, findIdentities } from "./identities.js";
import { readStructure } from "./structure.js";

/** One opened source: its path from the repository's root and its values by key. */
export interface Source {
  readonly path: string;
  readonly recipients: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, Secret>;
}

/**
 * The only door through which plaintext enters: `sops decrypt` of one source, its output held in memory and wrapped at
 * once. `root` is the repository's root, `path` the file below it.
 * Throws a FaultsError that names file, key and repair; what sops or the JSON parser said is dropped.
 */
export async function decryptSource(root: string, path: string, env: NodeJS.ProcessEnv): Promise<Source> {
  const text = await readFile(join(root, path), "utf8").catch(() => undefined);
  if (text === undefined) {
    throw new FaultsError([{ where: path, what: "is missing or cannot be read", repair: `git restore ${path}` }]);
  }
  const structure = readStructure(text, path);
  const { code, stdout } = await sops(["decrypt", "--output-type", "json", path], root, env);
  if (code !== 0) {
    throw new FaultsError([await decryptFault(code, path, env)]);
  }
  return { path, recipients: structure.recipients, values: wrap(stdout, path) };
}

/**
 * The values of a source as a commit had it, to compare them with others; `undefined` when nobody's identity opens it, or it
 * is no source. Its text goes to sops by standard input.
 */
export async function openText(
  root: string,
  text: string,
  path: string,
  env: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, Secret> | undefined> {
  const args = ["decrypt", "--input-type", "yaml", "--output-type", "json", "--filename-override", path];
  const { code, stdout } = await sops(args, root, env, text);
  return code === 0 ? wrap(stdout, path) : undefined;
}

function sops(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, input?: string) {
  return run("sops", args, { cwd, env, ...(input === undefined ? {} : { input }) });
}

function wrap(json: string, path: string): Map<string, Secret> {
  let values: unknown;
  try {
    values = JSON.parse(json);
  } catch {
    throw new FaultsError([{ where: path, what: "sops answered something else than JSON", repair: "sops --version" }]);
  }
  return new Map(Object.entries(values as Record<string, string>).map(([key, value]) => [key, new Secret(value)]));
}

/** sops's exit codes: getsops/sops, `cmd/sops/codes/codes.go`; checked by tests with the real program. */
async function decryptFault(code: number | undefined, path: string, env: NodeJS.ProcessEnv): Promise<Fault> {
  switch (code) {
    case undefined:
      return { where: path, what: "sops was not found", repair: "node toolchain/setup.mjs, or install sops" };
    case 128:
      return noIdentityFault(path, env);
    case 51:
      return {
        where: path,
        what: "was changed after it was encrypted (its MAC does not match)",
        repair: `git restore ${path}, or after a merge: sops edit ${path} and save each value anew`,
      };
    case 25:
      return { where: path, what: "has a value that was tampered with", repair: `git restore ${path}` };
    default:
      return {
        where: path,
        what: `sops could not open it (its exit code is ${String(code)})`,
        repair: `sops decrypt ${path} shows why`,
      };
  }
}

async function noIdentityFault(path: string, env: NodeJS.ProcessEnv): Promise<Fault> {
  if ((await findIdentities(env)).length === 0) {
    return {
      where: path,
      what: "no age identity was found on this machine",
      repair: `set SOPS_AGE_KEY_FILE to your identity file, or put it at ${defaultFile(env)}`,
    };
  }
  return {
    where: path,
    what: "is not encrypted to any of your age identities",
    repair: `somebody who can open it: add your recipient to .sops.yaml, then sops updatekeys ${path}`,
  };
}
