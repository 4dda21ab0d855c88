/** Proves, with the real sops, how a template becomes a source: by its rule's recipients, and never half. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { decryptSource } from "../../../core/sources/decrypt.js";
import { readTemplate, sealTemplate } from "../../../core/sources/template.js";
import { canary, leaked } from "../../support/canary.js";
import { faultsOfAsync } from "../../support/faults.js";
import { temporaryFolder } from "../../support/folder.js";
import { type AgeIdentity, ageIdentity } from "../../support/identities.js";
import { expectedPrints, printsOf } from "../../support/secrets.js";
import { emptyHome, put } from "../../support/sopsFiles.js";
import { useTools } from "../../support/tools.js";

const PATH = "secrets/shared.sops.yaml";
const TEMPLATE =
  "# TEMPLATE - placeholder values.\n# Every key becomes a variable.\nsmtp_host: PLACEHOLDER\nsmtp_user: PLACEHOLDER\n";

describe("a template", () => {
  const folder = temporaryFolder();
  let developer: AgeIdentity;
  let runner: AgeIdentity;
  let env: NodeJS.ProcessEnv;
  before(async () => {
    await useTools();
    [developer, runner] = await Promise.all([ageIdentity(), ageIdentity()]);
    env = emptyHome(folder(), { SOPS_AGE_KEY: developer.identity });
  });
  beforeEach(async () => {
    const rule = `  - path_regex: ^secrets/shared\\.sops\\.yaml$\n    age: ${developer.recipient},${runner.recipient}\n`;
    await put(folder(), ".sops.yaml", `creation_rules:\n${rule}`);
    await put(folder(), PATH, TEMPLATE);
  });
  const text = () => readFile(join(folder(), PATH), "utf8");

  for (const [title, end] of [
    ["", "\n"],
    [" of a checkout with CRLF", "\r\n"],
  ] as const) {
    it(`is encrypted to its rule's recipients${title}, and says no longer that it is one`, async () => {
      await put(folder(), PATH, TEMPLATE.replaceAll("\n", end));
      assert.deepEqual(await readTemplate(folder(), PATH), { inClear: [] });
      await sealTemplate(folder(), PATH, env);
      assert.equal(await readTemplate(folder(), PATH), undefined);
      const { recipients, values } = await decryptSource(folder(), PATH, env);
      assert.deepEqual([...recipients].sort(), [developer.recipient, runner.recipient].sort());
      assert.deepEqual(printsOf(values), expectedPrints({ smtp_host: "PLACEHOLDER", smtp_user: "PLACEHOLDER" }));
      assert.doesNotMatch(await text(), /TEMPLATE|PLACEHOLDER|Every key/);
      assert.deepEqual(await readdir(join(folder(), "secrets")), ["shared.sops.yaml"]);
    });
  }

  it("that somebody has filled in clear is told by the key's name, and encrypted with its value", async () => {
    const value = canary();
    await put(folder(), PATH, `${TEMPLATE}smtp_password: "${value}"\n`);
    assert.deepEqual(await readTemplate(folder(), PATH), { inClear: ["smtp_password"] });
    await sealTemplate(folder(), PATH, env);
    assert.deepEqual(leaked(await text(), [value]), []);
    assert.equal(
      printsOf((await decryptSource(folder(), PATH, env)).values)["smtp_password"],
      expectedPrints({ a: value })["a"],
    );
  });

  it("stays as it is when no rule is for it, or a recipient is none", async () => {
    for (const rules of [
      "creation_rules:\n  - path_regex: ^other$\n    age: age1x\n",
      "creation_rules:\n  - age: age1placeholder-dev\n",
    ]) {
      await writeFile(join(folder(), ".sops.yaml"), rules);
      const [fault] = await faultsOfAsync(sealTemplate(folder(), PATH, env));
      assert.match(
        fault ?? "",
        /^secrets\/shared\.sops\.yaml: sops could not encrypt it \(its exit code is 1\); nothing was changed\./,
      );
      assert.equal(await text(), TEMPLATE);
      assert.deepEqual(await readdir(join(folder(), "secrets")), ["shared.sops.yaml"]);
    }
  });

  const odd: readonly [string, string][] = [
    ["smtp_port: 587", "smtp_port"],
    ["smtp_user: ''", "smtp_user"],
    ["smtp:\n  user: x", "smtp"],
    ["smtp_user:", "smtp_user"],
  ];
  for (const [line, name] of odd) {
    it(`with ${JSON.stringify(line)} is refused before sops sees it`, async () => {
      await put(folder(), PATH, `# TEMPLATE\n${line}\n`);
      const what = "is no quoted text: sources are flat, one non-empty string a key";
      assert.deepEqual(
        (await faultsOfAsync(readTemplate(folder(), PATH))).map((fault) => fault.split(". Repair")[0]),
        [`secrets/shared.sops.yaml: ${name}: ${what}`],
      );
    });
  }

  it("that is missing, torn by a merge or no YAML is refused with its own words", async () => {
    for (const [content, expected] of [
      [undefined, "is missing or cannot be read"],
      ["<<<<<<< ours\na: b\n=======\na: c\n>>>>>>> theirs\n", "has the conflict markers of a merge"],
      ["a: [\n", "is not valid YAML"],
      ["", "holds no keys"],
    ] as const) {
      const path = content === undefined ? "secrets/none.sops.yaml" : PATH;
      await put(folder(), PATH, content ?? TEMPLATE);
      assert.match((await faultsOfAsync(readTemplate(folder(), path))).join("\n"), new RegExp(expected));
    }
  });
});
