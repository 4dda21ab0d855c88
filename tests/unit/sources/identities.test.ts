/**
 * Proves where age identities are looked for and in which order. That sops looks at the same places is proved in
 * decrypt.test.ts. The folders of Windows and macOS are not reached on Linux.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { defaultFile, findIdentities } from "../../../core/sources/identities.js";
import { temporaryFolder } from "../../support/folder.js";
import { emptyHome, put } from "../../support/sopsFiles.js";

/** Not real identities: only their beginning is looked at here. */
const sample = (name: string) => `AGE-SECRET-KEY-1${name}`;

describe("age identities", () => {
  const folder = temporaryFolder();

  it("are looked for in SOPS_AGE_KEY, _FILE, _CMD and the default file, in this order, each once", async () => {
    await put(folder(), "file.txt", `# public: age1x\n${sample("B")}\r\n${sample("A")}\r\n\n`);
    await put(folder(), "command.txt", `${sample("C")}\n`);
    await put(folder(), "home/.config/sops/age/keys.txt", `  ${sample("D")}  \n${sample("B")}\n`);
    const env = emptyHome(folder(), {
      SOPS_AGE_KEY: `${sample("A")}\nAGE-SECRET-KEY-PQ-1E`,
      SOPS_AGE_KEY_FILE: join(folder(), "file.txt"),
      SOPS_AGE_KEY_CMD: `cat "${join(folder(), "command.txt")}"`,
    });
    assert.deepEqual(await findIdentities(env), [
      sample("A"),
      "AGE-SECRET-KEY-PQ-1E",
      sample("B"),
      sample("C"),
      sample("D"),
    ]);
  });

  it("are none where there are none, whatever cannot be read", async () => {
    const home = join(folder(), "empty");
    const env = { PATH: process.env["PATH"], HOME: home, XDG_CONFIG_HOME: home };
    assert.deepEqual(await findIdentities(env), []);
    const odd = { SOPS_AGE_KEY: "", SOPS_AGE_KEY_FILE: folder(), SOPS_AGE_KEY_CMD: "exit 3" };
    assert.deepEqual(await findIdentities({ ...env, ...odd }), []);
  });

  const cases: readonly [string, NodeJS.ProcessEnv, string][] = [
    ["in XDG_CONFIG_HOME", { HOME: "/h", XDG_CONFIG_HOME: "/x" }, "/x/sops/age/keys.txt"],
    ["in the home of the environment", { HOME: "/h" }, "/h/.config/sops/age/keys.txt"],
    ["in the home, when XDG_CONFIG_HOME is empty", { HOME: "/h", XDG_CONFIG_HOME: "" }, "/h/.config/sops/age/keys.txt"],
  ];
  for (const [title, env, expected] of cases) {
    it(`have their default file ${title}`, function () {
      if (process.platform !== "linux") {
        this.skip();
      }
      assert.equal(defaultFile(env), expected);
    });
  }
});
