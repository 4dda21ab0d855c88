import { readdir, readFile, stat } from "node:fs/promises";
import { basename } from "node:path";

import { type ComposeFile, readComposeFile } from "../../core/audit/compose.js";
import { FaultList, FaultsError } from "../../core/fault.js";
import { type DotenvFile, readDotenvFile } from "../../core/sources/dotenvFile.js";

/** A file that was given, opened. */
export type GivenFile =
  | { readonly where: string; readonly kind: "env"; readonly file: DotenvFile }
  | { readonly where: string; readonly kind: "compose"; readonly file: ComposeFile };

const COMPOSE = /^(?:docker-)?compose.*\.ya?ml$/i;
const ENV = /\.env(?:\.|$)|^\.?env$/i;

/**
 * Opens what the command line names: `.env` and Compose files; of a folder those that lie in it. Paths may have either slash.
 * Throws a FaultsError for what cannot be read.
 */
export async function readGiven(words: readonly string[]): Promise<GivenFile[]> {
  const faults = new FaultList();
  const found = (await Promise.all(words.map((word) => faults.collectAsync(pathsOf(word))))).map((one) => one ?? []);
  const paths = [...new Set(found.flat())];
  const files = await Promise.all(paths.map((path) => faults.collectAsync(readOne(path))));
  faults.throwIfAny();
  return files as GivenFile[];
}

async function pathsOf(word: string): Promise<string[]> {
  const info = await stat(word).catch(() => {
    throw new FaultsError([unreadable(shown(word))]);
  });
  if (!info.isDirectory()) {
    return [word];
  }
  // A virtual environment of Python is a folder that may be called .env.
  const names = (await readdir(word, { withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => (COMPOSE.test(name) || ENV.test(name)) && !/\.example$/i.test(name));
  if (names.length === 0) {
    const what = "has no .env and no Compose file";
    throw new FaultsError([{ where: shown(word), what, repair: "name the files themselves" }]);
  }
  const folder = word.replace(/[\\/]+$/, "");
  return names.sort().map((name) => `${folder}/${name}`);
}

async function readOne(path: string): Promise<GivenFile> {
  const where = shown(path);
  const bytes = await readFile(path).catch(() => {
    throw new FaultsError([unreadable(where)]);
  });
  const text = textOf(bytes);
  return /\.ya?ml$/i.test(basename(where))
    ? { where, kind: "compose", file: readComposeFile(text, where) }
    : { where, kind: "env", file: readDotenvFile(text, where) };
}

/** With slashes on every system, as people write places. */
function shown(path: string): string {
  return path.replaceAll("\\", "/");
}

/** Windows PowerShell's `>` writes UTF-16. */
function textOf(bytes: Buffer): string {
  return bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.subarray(2).toString("utf16le") : bytes.toString("utf8");
}

function unreadable(where: string) {
  return {
    where,
    what: "is missing or cannot be read",
    repair: "name a .env file, a Compose file, or a folder with them",
  };
}
