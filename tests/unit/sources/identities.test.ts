/**
 * Proves where age identities are looked for and in which order. That sops looks at the same places is proved in
 * decrypt.test.ts. The folders of Windows and macOS are not reached on Linux.
 */
import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import {
  defaultFile,
  findIdentities,
  identityFile,
  identityPlaces,
  makeIdentity,
} from "../../../core/sources/identities.js";
import { temporaryFolder } from "../../support/folder.js";
import { ageArmor, ageIdentity, openArmor } from "../../support/identities.js";
import { emptyHome, put } from "../../support/sopsFiles.js";
import { needs } from "../../support/needs.js";

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
      needs(this, process.platform === "linux", "Linux, whose folders these are");
      assert.equal(defaultFile(env), expected);
    });
  }
});

describe("a new identity", () => {
  const folder = temporaryFolder();

  it("is written as age-keygen does, for its owner only, and opens what is encrypted to its public part", async () => {
    const file = join(folder(), "new/keys.txt");
    const recipient = await makeIdentity(file, new Date("2026-11-26T04:05:06.789Z"));
    const [created, shown, identity = "", rest] = (await readFile(file, "utf8")).split("\n");
    assert.deepEqual([created, shown, rest], ["# created: 2026-11-26T04:05:06Z", `# public key: ${recipient}`, ""]);
    assert.equal(await openArmor(await ageArmor("text", recipient), identity), "text");
    assert.deepEqual(await identityFile(file), { where: file, file, mode: 0o600, recipients: [recipient] });
    assert.deepEqual(await readdir(join(folder(), "new")), ["keys.txt"]);
    assert.equal((await stat(join(folder(), "new"))).mode & 0o777, 0o700);
  });

  it("is made anew when a killed run left one half beside", async () => {
    const file = join(folder(), "killed/keys.txt");
    await put(folder(), "killed/keys.txt.new", "# created: 20");
    const recipient = await makeIdentity(file);
    assert.deepEqual((await identityFile(file)).recipients, [recipient]);
    assert.deepEqual(await readdir(join(folder(), "killed")), ["keys.txt"]);
  });

  it("is not there where there is none, and a malformed one is not repeated", async () => {
    const file = join(folder(), "odd.txt");
    assert.deepEqual((await identityFile(file)).file, undefined);
    await put(folder(), "odd.txt", `${sample("BROKEN")}\n`);
    assert.deepEqual((await identityFile(file)).recipients, []);
  });

  it("is found at the places where sops looks, in its order, with its public part", async () => {
    const [inline, named, usual] = await Promise.all([ageIdentity(), ageIdentity(), ageIdentity()]);
    await put(folder(), "named.txt", `${named.identity}\r\n`);
    await put(folder(), "home/.config/sops/age/keys.txt", usual.identity);
    const more = { SOPS_AGE_KEY: inline.identity, SOPS_AGE_KEY_FILE: join(folder(), "named.txt") };
    const places = await identityPlaces(emptyHome(folder(), more));
    assert.deepEqual(
      places.map(({ where, recipients }) => [where, recipients]),
      [
        ["SOPS_AGE_KEY", [inline.recipient]],
        ["SOPS_AGE_KEY_FILE", [named.recipient]],
        [join(folder(), "home/.config/sops/age/keys.txt"), [usual.recipient]],
      ],
    );
    assert.deepEqual(await identityPlaces(emptyHome(join(folder(), "nobody"))), []);
  });
});
