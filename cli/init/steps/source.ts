import { FaultsError } from "../../../core/fault.js";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { sourcePath } from "../../../core/model/sources.js";
import { readStructure } from "../../../core/sources/structure.js";
import { readTemplate, sealTemplate } from "../../../core/sources/template.js";
import { readRules } from "../rules.js";
import { done, needs, type Step, toDo, waits } from "../step.js";

/** One source is encrypted to its rule's recipients (the spec's step 6). Values go in afterwards, one by one, sealed. */
export function source(name: string): Step {
  const path = sourcePath(name);
  return {
    name: `encrypt ${name}`,
    async look({ root, env }) {
      const rules = await readRules(root);
      const rule = rules.ruleFor(path);
      if (rule === undefined) {
        throw new FaultsError([
          { where: ".sops.yaml", name: path, what: "no rule matches this file", repair: "add a creation rule" },
        ]);
      }
      const unfilled = [...rules.byName].filter(
        ([, recipient]) => rule.has(recipient) && recipient.includes("placeholder"),
      );
      const template = await readTemplate(root, path);
      if (template === undefined) {
        const { recipients } = readStructure(await readFile(join(root, path), "utf8"), path);
        const same = rule.size === recipients.size && [...rule].every((recipient) => recipients.has(recipient));
        return same
          ? done(`to ${String(rule.size)} recipients`)
          : needs("its recipients are not those of its rule", `sops updatekeys ${path}`);
      }
      if (unfilled.length > 0) {
        return waits(`for the recipients of ${unfilled.map(([one]) => one).join(", ")}`);
      }
      const clear =
        template.inClear.length === 0 ? "" : `, with what stands there in clear (${template.inClear.join(", ")})`;
      return toDo(`encrypts the template to ${String(rule.size)} recipients${clear}`, () =>
        sealTemplate(root, path, env),
      );
    },
  };
}
