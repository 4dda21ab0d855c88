import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { readHistory, type Remembered } from "../exposure/read.js";
import type { Version } from "../exposure/versions.js";
import { sourcePath } from "../model/sources.js";
import type { Fingerprint } from "../seal/fingerprint.js";
import type { Secret } from "../seal/secret.js";
import { sourceNames } from "../sources/import.js";
import { drawPrint, openVersions, type Print } from "../sources/versions.js";

/** Every value that this clone's sources hold and ever held, as far as the caller's identities open them. */
export interface Known extends Remembered {
  /** The sources as they lie in the clone, committed or not. */
  readonly files: readonly Version[];
  readonly secrets: ReadonlyMap<Fingerprint, Secret>;
  readonly print: Print;
  /** Paths of sources of which some version is closed to us: what it holds is not known. */
  readonly closed: readonly string[];
}

/** Reads them. Throws a FaultsError when history is cut off or there is none. */
export async function readKnown(root: string, env: NodeJS.ProcessEnv): Promise<Known> {
  const secrets = new Map<Fingerprint, Secret>();
  const print = drawPrint();
  const remember: Print = (secret) => {
    const fingerprint = print(secret);
    secrets.set(fingerprint, secret);
    return fingerprint;
  };
  const [remembered, texts] = await Promise.all([readHistory(root, remember, env), textsOf(root)]);
  const files = (await openVersions(texts, remember, env)).filter((version) => version !== undefined);
  const all = [...remembered.history.versions, ...files];
  return {
    ...remembered,
    files,
    secrets,
    print,
    closed: [...new Set(all.filter(isClosed).map(({ path }) => path))].sort(),
  };
}

async function textsOf(root: string) {
  const paths = (await sourceNames(root)).map(sourcePath);
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), "utf8") })));
}

function isClosed({ values }: Version): boolean {
  return [...values.values()].some(({ print }) => print === undefined);
}
