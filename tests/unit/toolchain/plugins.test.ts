import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { installPlugins } from "../../../toolchain/setup.mjs";
import { needs } from "../../support/needs.js";
import { windows, SHELL, world, script, fault, useWorld } from "./support.js";

describe("toolchain: plugins", () => {
  useWorld();
  const built = { name: "pulumi-resource-github", version: "6.15.0", origin: "built" as const };
  const file = (name: string, program: string): string =>
    join(world.folder, "home", "plugins", name, windows ? `${program}.exe` : program);

  function options(): Parameters<typeof installPlugins>[0] {
    const location = script("pulumi-resource-github", ["echo 1"]);
    const entry = join(world.folder, "it's an entry.js");
    writeFileSync(entry, 'console.log("4711 " + process.argv.slice(2).join("|"));\n');
    return {
      pulumiHome: join(world.folder, "home"),
      pluginDir: "",
      tools: [{ ...built, location }],
      standIns: [{ name: "command", version: "1.2.1", entry }],
    };
  }

  it("lays out the GitHub plugin and a stand-in that prints nothing of its own", async function () {
    needs(this, !windows, SHELL);
    const records = await installPlugins(options());
    const command = file("resource-command-v1.2.1", "pulumi-resource-command");
    assert.deepEqual(records, [
      { ...built, location: file("resource-github-v6.15.0", "pulumi-resource-github") },
      { name: "pulumi-resource-command", version: "1.2.1", origin: "stand-in", location: command },
    ]);
    assert.equal(spawnSync(records[0]?.location ?? "").stdout.toString(), "1\n");
    const answer = spawnSync(command, ["127.0.0.1:9", "a b"]);
    assert.equal(answer.stdout.toString(), "4711 127.0.0.1:9|a b\n");
    assert.equal(answer.stderr.toString(), "");
    assert.match(readFileSync(join(dirname(command), "p24-plugin.json"), "utf8"), /"origin": "stand-in"/);
  });

  it("changes nothing the second time", async () => {
    const again = options();
    const [, command] = await installPlugins(again);
    const before = statSync(command?.location ?? "").mtimeMs;
    assert.deepEqual((await installPlugins(again))[1], command);
    assert.equal(statSync(command?.location ?? "").mtimeMs, before);
  });

  it("prefers official plugins, and goes back to the stand-in without them", async () => {
    const pluginDir = join(world.folder, "official");
    mkdirSync(pluginDir);
    writeFileSync(join(pluginDir, windows ? "pulumi-resource-command.exe" : "pulumi-resource-command"), "official", {
      mode: 0o755,
    });
    const one = options();
    const official = (await installPlugins({ ...one, pluginDir }))[1];
    assert.equal(official?.origin, "official (P24_PLUGIN_DIR)");
    assert.equal(readFileSync(official.location, "utf8"), "official");
    const standIn = (await installPlugins(one))[1];
    assert.equal(standIn?.origin, "stand-in");
    assert.notEqual(readFileSync(standIn.location, "utf8"), "official");
    assert.equal(readFileSync(join(pluginDir, readdirSync(pluginDir)[0] ?? ""), "utf8"), "official");
  });

  it("runs an entry in TypeScript through tsx", async function () {
    needs(this, !windows, SHELL);
    const entry = join(__dirname, "toolchain-entry.ts");
    writeFileSync(entry, "const port: number = 4711;\nconsole.log(port);\n");
    try {
      const records = await installPlugins({ ...options(), standIns: [{ name: "command", version: "1.2.1", entry }] });
      assert.equal(spawnSync(records[1]?.location ?? "", { cwd: "/" }).stdout.toString(), "4711\n");
    } finally {
      rmSync(entry);
    }
  }).timeout(20_000);

  it("refuses what cannot be a plugin", async () => {
    const one = options();
    const [standIn] = one.standIns ?? [];
    assert.ok(standIn);
    for (const wrong of [{ name: "../x" }, { version: "1.2" }, { entry: "relative.js" }, { entry: "/nowhere.js" }]) {
      await assert.rejects(
        installPlugins({ ...one, standIns: [{ ...standIn, ...wrong }] }),
        fault("TOOLCHAIN", "no usable"),
      );
    }
    await assert.rejects(installPlugins({ ...one, pluginDir: "/nowhere" }), fault("TOOLCHAIN", "P24_PLUGIN_DIR"));
  });
});
