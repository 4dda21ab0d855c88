import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";

import { FaultsError } from "../core/fault.js";
import { replaceFile } from "../core/files.js";

/**
 * Writes `subject` (`the page`) to the file that an option names, whole or not at all. A former one, which begins with the same
 * line, is replaced, and nothing else that somebody may still need: a source's name is typed as easily. Throws a FaultsError.
 */
export async function writeNamed(option: string, subject: string, file: string, text: string): Promise<void> {
  const path = resolve(file);
  if (!(await isFree(path, firstLine(text)))) {
    const repair = "name another file; this one is left as it is";
    throw new FaultsError([{ where: option, what: `there is a file that is not ${subject}`, repair }]);
  }
  await replaceFile(path, text).catch(() => {
    const repair = "name a file in a folder that is there and that you may write to";
    throw new FaultsError([{ where: option, what: `${subject} cannot be written there`, repair }]);
  });
}

/** Whether nothing is lost there: no file, an empty one, a former one, or a device. */
async function isFree(path: string, beginning: string): Promise<boolean> {
  const isFile = (await stat(path).catch(() => undefined))?.isFile() === true;
  const there = isFile ? await readFile(path, "utf8").catch(() => "") : "";
  return there === "" || firstLine(there) === beginning;
}

function firstLine(text: string): string {
  return /^[^\r\n]*/.exec(text)?.[0] ?? "";
}
