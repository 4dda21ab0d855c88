import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { FaultsError } from "../../core/fault.js";
import { replaceFile } from "../../core/files.js";
import { parseRecipients, type Recipients } from "../../core/model/recipients.js";
import { withAnchored } from "../../core/model/yamlText.js";

const FILE = ".sops.yaml";

/** Anchors of .sops.yaml that the bootstrap fills. */
export const RUNNER = "gha_runner";

/** Reads .sops.yaml with whatever placeholders it still has. Throws a FaultsError. */
export async function readRules(root: string): Promise<Recipients> {
  return parseRecipients(await readText(root), "all");
}

/** Whether an anchor still has the template's placeholder. */
export function isUnfilled({ byName }: Pick<Recipients, "byName">, name: string): boolean {
  return byName.get(name)?.includes("placeholder") === true;
}

/** Puts a recipient behind its anchor; nothing else of the file changes. Throws a FaultsError. */
export async function writeRecipient(root: string, name: string, recipient: string): Promise<void> {
  const text = withAnchored(await readText(root), name, recipient);
  if (text === undefined) {
    const repair = `add it below keys, and to the rules of its files: - &${name} ${recipient}`;
    throw new FaultsError([{ where: FILE, name, what: "is no anchor of this file", repair }]);
  }
  await replaceFile(join(root, FILE), text);
}

async function readText(root: string): Promise<string> {
  return readFile(join(root, FILE), "utf8").catch(() => {
    throw new FaultsError([{ where: FILE, what: "is missing or cannot be read", repair: `git restore ${FILE}` }]);
  });
}
