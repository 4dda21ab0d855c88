import { dirname, join } from "node:path";

import { FaultsError } from "../../../core/fault.js";
import { defaultFile, identityFile, makeIdentity } from "../../../core/sources/identities.js";
import { isUnfilled, readRules, RUNNER, writeRecipient } from "../rules.js";
import { done, type Site, type Step, toDo } from "../step.js";

/** GitHub Actions' age identity (the spec's steps 4 and 5). Its private part goes to GitHub by the operator's own hand. */
export const runner: Step = {
  name: "runner",
  async look(site) {
    const rules = await readRules(site.root);
    if (!isUnfilled(rules, RUNNER)) {
      return done(`&${RUNNER} is ${rules.byName.get(RUNNER) ?? "not in .sops.yaml: no runner opens the sources"}`);
    }
    const given = site.wishes.recipients.get(RUNNER);
    if (given !== undefined) {
      return toDo(`puts the recipient that was given behind &${RUNNER}`, () =>
        writeRecipient(site.root, RUNNER, given),
      );
    }
    const file = runnerFile(site);
    const present = await identityFile(file);
    const what = present.file === undefined ? `makes an age identity in ${file}` : `takes the age identity in ${file}`;
    return toDo(`${what}, and puts its public part behind &${RUNNER}`, async () => {
      await writeRecipient(
        site.root,
        RUNNER,
        present.file === undefined ? await makeIdentity(file) : one(file, present),
      );
    });
  },
};

/** Beside the developer's, by the spec's name. */
export function runnerFile({ wishes, env }: Pick<Site, "wishes" | "env">): string {
  return wishes.runnerIdentity ?? join(dirname(env["SOPS_AGE_KEY_FILE"] ?? defaultFile(env)), "gha.key");
}

function one(file: string, { recipients }: { readonly recipients: readonly string[] }): string {
  const [only, ...others] = recipients;
  if (only === undefined || others.length > 0) {
    const what = only === undefined ? "holds no age identity" : "holds several age identities";
    throw new FaultsError([{ where: file, what, repair: "name a file with one with --runner-identity" }]);
  }
  return only;
}
