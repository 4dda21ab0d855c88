import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { isMap, isScalar, parseDocument } from "yaml";

import { type Fault, FaultsError } from "../fault.js";
import { BESIDE } from "../files.js";
import { TEMPLATE_VALUE } from "../model/names.js";
import { run } from "../process.js";
import { readStructure } from "./structure.js";

/** A source that nobody has encrypted yet. */
export interface Template {
  /** Keys that have something else than the placeholder: a value that stands in clear. */
  readonly inClear: readonly string[];
}

/** Looks whether a source still is in clear; `undefined` when it is encrypted. Throws a FaultsError for what is neither. */
export async function readTemplate(root: string, path: string): Promise<Template | undefined> {
  const text = await readFile(join(root, path), "utf8").catch(() => {
    throw new FaultsError([{ where: path, what: "is missing or cannot be read", repair: `git restore ${path}` }]);
  });
  return parseTemplate(text, path);
}

/** As {@link readTemplate}, of a text. */
export function parseTemplate(text: string, path: string): Template | undefined {
  const document = parseDocument(text);
  const root = document.contents;
  if (document.errors.length === 0 && isMap(root) && !root.has("sops")) {
    const faults: Fault[] = [];
    const inClear: string[] = [];
    for (const { key, value } of root.items) {
      const name = isScalar(key) ? String(key.value) : "";
      const read = isScalar(value) ? value.value : undefined;
      if (typeof read !== "string" || read === "") {
        const what = "is no quoted text: sources are flat, one non-empty string a key";
        faults.push({
          where: path,
          name,
          what,
          repair: `put ${TEMPLATE_VALUE} there; the value goes in after it is encrypted`,
        });
      } else if (read !== TEMPLATE_VALUE) {
        inClear.push(name);
      }
    }
    if (faults.length > 0) {
      throw new FaultsError(faults);
    }
    return { inClear };
  }
  // Encrypted, or with a fault of which this says what it is.
  readStructure(text, path);
  return undefined;
}

/**
 * Encrypts a template to the recipients of its rule: through sops's standard input and a file beside it that then takes its
 * place, so that it is the template or whole whenever a run is killed. Throws a FaultsError.
 */
export async function sealTemplate(root: string, path: string, env: NodeJS.ProcessEnv): Promise<void> {
  const text = await readFile(join(root, path), "utf8");
  const beside = `${path}${BESIDE}`;
  const form = ["--filename-override", path, "--input-type", "yaml", "--output-type", "yaml"];
  const { code } = await run("sops", ["encrypt", ...form, "--output", beside], {
    cwd: root,
    env,
    input: withoutMark(text),
  });
  try {
    if (code !== 0) {
      const what = `sops could not encrypt it (its exit code is ${String(code)}); nothing was changed`;
      throw new FaultsError([{ where: path, what, repair: `sops encrypt ${path} shows why` }]);
    }
    readStructure(await readFile(join(root, beside), "utf8"), path);
    await rename(join(root, beside), join(root, path));
  } finally {
    await rm(join(root, beside), { force: true });
  }
}

/** What the template says of itself is no longer true afterwards; what it says of its place stays, as an encrypted comment. */
function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(/^# TEMPLATE\b[^\n]*\n/m, "");
}
