/**
 * Proves that the repository's rules match its sources on Windows too. There sops holds a rule against
 * `secrets\shared.sops.yaml` (getsops/sops 3.13, config/config.go: `filepath.Abs`, without `ToSlash`); on Linux a file may
 * have that very name, so the real sops can be asked here. What else Windows does is not reached.
 */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { parseRecipients } from "../../../core/model/recipients.js";
import { run } from "../../../core/process.js";
import { readStructure } from "../../../core/sources/structure.js";
import { temporaryFolder } from "../../support/folder.js";
import { ageIdentity } from "../../support/identities.js";
import { emptyHome, put } from "../../support/sopsFiles.js";
import { useTools } from "../../support/tools.js";

const ROOT = join(__dirname, "../../..");
const NAMES = ["dev_radieu", "vps_i1", "vps_h1", "gha_runner"];

describe("the repository's rules, on Windows", () => {
  const folder = temporaryFolder();

  it("give every source the recipients that they give it elsewhere, as sops itself reads them", async () => {
    await useTools();
    let rules = await readFile(join(ROOT, ".sops.yaml"), "utf8");
    for (const name of NAMES) {
      rules = rules.replace(`age1placeholder-${name.replace("_", "-")}`, (await ageIdentity()).recipient);
    }
    await put(folder(), ".sops.yaml", rules);
    const parsed = parseRecipients(rules);
    const files = await readdir(join(ROOT, "secrets"));
    assert.ok(files.length >= 5);
    for (const file of files) {
      const path = `secrets/${file}`;
      const form = ["--input-type", "json", "--output-type", "yaml", "--filename-override", `secrets\\${file}`];
      const asked = { cwd: folder(), env: emptyHome(folder()), input: '{"a":"b"}' };
      const { code, stdout } = await run("sops", ["encrypt", ...form], asked);
      assert.equal(code, 0, file);
      const expected = parsed.ruleFor(path);
      assert.deepEqual(readStructure(stdout, path).recipients, expected);
      assert.deepEqual(parsed.ruleFor(`secrets\\${file}`), expected);
      assert.ok((expected?.size ?? 0) >= 2);
    }
  });
});
