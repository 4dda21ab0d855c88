import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { npmNeeded } from "../../../toolchain/lib/internals.mjs";
import { SETUP, windows, world, sha256, useWorld } from "./support.js";

describe("toolchain: npm", () => {
  useWorld();
  it("installs when node_modules is absent or belongs to another lock file", () => {
    const lock = join(world.folder, "package-lock.json");
    const installed = join(world.folder, "node_modules", ".package-lock.json");
    writeFileSync(lock, "1");
    assert.ok(npmNeeded(world.folder));
    mkdirSync(dirname(installed));
    writeFileSync(installed, "");
    assert.ok(!npmNeeded(world.folder));
    writeFileSync(lock, "2");
    spawnSync("touch", ["-t", "209901010000", lock]);
    assert.ok(npmNeeded(world.folder) || windows);
    writeFileSync(join(dirname(installed), ".p24-package-lock.sha256"), sha256(Buffer.from("2")));
    assert.ok(!npmNeeded(world.folder)); // the content is the same, only the time is not
  });
});

describe("toolchain: command line", () => {
  useWorld();
  it("explains itself and refuses what it does not know", () => {
    const help = spawnSync(process.execPath, [SETUP, "--help"], { encoding: "utf8" });
    assert.equal(help.status, 0);
    assert.match(help.stdout, /--with NAME.*docker-compose/);
    const wrong = spawnSync(process.execPath, [SETUP, "--wiht", "x"], { encoding: "utf8" });
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /--wiht/);
  });
});
