import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { lockOutFaults } from "../../../core/model/lockOut.js";
import { sourcePath } from "../../../core/model/sources.js";
import { sourceNames } from "../../../core/sources/import.js";
import { readStructure } from "../../../core/sources/structure.js";
import { FaultsError } from "../../../core/fault.js";
import { isUnfilled, readRules } from "../../init/rules.js";
import { bad, type Check, type Finding, ok, ofFault } from "../check.js";

/** Who can open what, as git has it: no placeholder, each source to its rule's recipients, and nobody locked out. */
export const recipients: Check = {
  area: "recipients",
  async look({ root }) {
    const rules = await readRules(root);
    const unfilled = [...rules.byName.keys()].filter((name) => isUnfilled(rules, name));
    const names = await sourceNames(root);
    const sources = await Promise.all(
      names.map((name) => source(root, sourcePath(name), rules.ruleFor(sourcePath(name)))),
    );
    const found: Finding[] = [
      ...(unfilled.length > 0
        ? [bad("fault", `placeholders stand for ${unfilled.join(", ")}`, "npm run p24 -- init")]
        : []),
      ...sources.flat(),
      ...lockOutFaults(rules).map((fault) => ofFault(fault)),
    ];
    return found.length > 0
      ? found
      : [ok(`each of ${String(names.length)} sources has its rule's, at least two, a developer's among them`)];
  },
};

async function source(root: string, path: string, rule: ReadonlySet<string> | undefined): Promise<Finding[]> {
  if (rule === undefined) {
    return [bad("fault", `${path}: no rule of .sops.yaml matches it`, "add a creation rule")];
  }
  try {
    const { recipients: there } = readStructure(await readFile(join(root, path), "utf8"), path);
    return there.size === rule.size && [...rule].every((one) => there.has(one))
      ? []
      : [bad("fault", `${path}: its recipients are not those of its rule`, `sops updatekeys ${path}`)];
  } catch (error) {
    if (!(error instanceof FaultsError)) {
      throw error;
    }
    return error.faults.map((fault) => ofFault(fault));
  }
}
