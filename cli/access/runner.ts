import { dirname, join } from "node:path";

import { FaultsError } from "../../core/fault.js";
import { parseRecipients } from "../../core/model/recipients.js";
import { fileAt } from "../../core/observe/git.js";
import { defaultFile, identityFile, makeIdentity } from "../../core/sources/identities.js";
import { RUNNER } from "../init/rules.js";
import { fed } from "../shells.js";
import type { Invocation } from "../verb.js";
import { type AccessPlace, RULES_FILE } from "./place.js";

/** Where the runner's identity lies on this machine, as `p24 init` makes it. */
function fileOf({ env }: AccessPlace, option: Invocation["options"][string]): string {
  return typeof option === "string" && option !== ""
    ? option
    : join(dirname(env["SOPS_AGE_KEY_FILE"] ?? defaultFile(env)), "gha.key");
}

/**
 * The public part of the runner's next identity, which is made unless its file is there already: a killed run may have left
 * it. A file with the present identity is nobody's to overwrite. Throws a FaultsError.
 */
export async function runnerRecipient(place: AccessPlace, option: Invocation["options"][string]): Promise<string> {
  const path = fileOf(place, option);
  const { file, recipients } = await identityFile(path);
  if (file === undefined) {
    return makeIdentity(path);
  }
  const [only, ...others] = recipients;
  const what =
    only === undefined
      ? "is there and holds no age identity"
      : others.length > 0
        ? "holds several age identities"
        : only === (await committed(place))
          ? "holds the identity that is to be replaced"
          : undefined;
  if (only === undefined || what !== undefined) {
    const repair = "move it away, or name another file with --identity FILE";
    throw new FaultsError([{ where: path, what: what ?? "is not usable", repair }]);
  }
  return only;
}

/** The recipient of the last commit: in the working tree a killed run may have put the next one already. */
async function committed({ root, recipients }: AccessPlace): Promise<string | undefined> {
  const text = await fileAt(root, "HEAD", RULES_FILE);
  return (text === undefined ? recipients : parseRecipients(text, "all")).byName.get(RUNNER);
}

/** A root of trust is put to GitHub by hand, and before the push: else CI could not open what was pushed. */
export function nextOfRunner(place: AccessPlace, option: Invocation["options"][string]): string[] {
  const { owner, home, repositories } = place.settings.github;
  const repository = `${owner}/${home ?? repositories[0] ?? "p24-infra"}`;
  const path = fileOf(place, option);
  return [
    fed(path, `gh secret set AGE_KEY_GHA --repo ${repository}`),
    `the same into the password safe ("p24-infra age - gha-runner"), then delete ${path}`,
  ];
}
