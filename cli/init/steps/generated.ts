import { FaultsError } from "../../../core/fault.js";
import { TEMPLATE_VALUE } from "../../../core/model/names.js";
import { sourcePath } from "../../../core/model/sources.js";
import { generate } from "../../../core/seal/generate.js";
import { makeSigner, makeSyncIdentity } from "../../../core/seal/pairs.js";
import { matches, type Secret } from "../../../core/seal/secret.js";
import { setInSource } from "../../../core/seal/sopsSet.js";
import { decryptSource } from "../../../core/sources/decrypt.js";
import { done, type Step, toDo } from "../step.js";
import { openOf, waitsFor } from "../walk.js";

/** What the program itself needs and nobody issues. The value goes into sops's standard input and nowhere else. */
const MADE: Readonly<Record<string, () => Secret>> = {
  pulumi_passphrase: () => generate("password"),
  fingerprint_key: () => generate("base64"),
  payload_signing_key: makeSigner,
  sync_ssh_key: makeSyncIdentity,
};

const PATH = sourcePath("stack");

/** The program's own values are made. */
export const generated: Step = {
  name: "own values",
  async look({ root, env, wishes }, earlier) {
    const before = openOf(earlier, "encrypt stack");
    if (before.length > 0) {
      return waitsFor(before);
    }
    const { values } = await decryptSource(root, PATH, env);
    const open = Object.keys(MADE).filter((key) => {
      const value = values.get(key);
      return (
        (value === undefined || matches(value, TEMPLATE_VALUE)) && wishes.values?.values.has(key.toUpperCase()) !== true
      );
    });
    if (open.length === 0) {
      return done(Object.keys(MADE).join(", "));
    }
    return toDo(`generates ${open.join(", ")} into ${PATH}`, async () => {
      for (const key of open) {
        await write(root, key, MADE[key]?.() ?? generate("base64"), env);
      }
    });
  },
};

async function write(root: string, key: string, secret: Secret, env: NodeJS.ProcessEnv): Promise<void> {
  const code = await setInSource(root, PATH, key, secret, env);
  if (code !== 0) {
    const what = `sops could not write it (its exit code is ${String(code)})`;
    throw new FaultsError([{ where: PATH, name: key, what, repair: `sops edit ${PATH} shows why` }]);
  }
}
