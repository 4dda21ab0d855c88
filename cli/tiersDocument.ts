// Writes docs/tiers.md from inventory.yaml. With --check it only says whether that would change it (exit code 1).
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { format, resolveConfig } from "prettier";

import { FaultsError } from "../core/fault.js";
import { parseWholeInventory } from "../core/model/inventory.js";
import { renderTiers } from "../core/model/tiers.js";

const ROOT = join(__dirname, "..");
const FILE = join(ROOT, "docs/tiers.md");

/** The text that docs/tiers.md should have. */
export async function tiersText(): Promise<string> {
  const inventory = parseWholeInventory(await readFile(join(ROOT, "inventory.yaml"), "utf8"));
  return format(renderTiers(inventory), { ...(await resolveConfig(FILE)), filepath: FILE });
}

async function main(args: readonly string[]): Promise<number> {
  const [wanted, there] = await Promise.all([tiersText(), readFile(FILE, "utf8").catch(() => "")]);
  if (wanted === there.replaceAll("\r\n", "\n")) {
    process.stdout.write("docs/tiers.md is what inventory.yaml says.\n");
    return 0;
  }
  if (args.includes("--check")) {
    process.stderr.write("docs/tiers.md: is not what inventory.yaml says. Repair: npm run docs:tiers\n");
    return 1;
  }
  await writeFile(FILE, wanted);
  process.stdout.write("docs/tiers.md was written.\n");
  return 0;
}

if (require.main === module) {
  main(process.argv.slice(2))
    .catch((error: unknown) => {
      process.stderr.write(error instanceof FaultsError ? `${error.message}\n` : "docs/tiers.md could not be made\n");
      return 1;
    })
    .then((code) => {
      process.exitCode = code;
    })
    .catch(() => {
      process.exitCode = 1;
    });
}
