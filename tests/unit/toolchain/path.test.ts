import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { TOOLS } from "../../../toolchain/lib/internals.mjs";
import { ensureToolchain } from "../../../toolchain/setup.mjs";
import { needs } from "../../support/needs.js";
import { windows, SHELL, world, script, fakeGo, ensure, fault, useWorld } from "./support.js";

describe("toolchain: PATH", function () {
  useWorld();
  before(function () {
    needs(this, !windows, SHELL);
  });

  it("takes a fitting tool and asks its version once, not once per run", async () => {
    const file = script("tiny", [`echo asked >> '${world.folder}/asked'`, "echo tiny 1.4.0"]);
    for (let run = 0; run < 2; run++) {
      const { tools, binDir } = await ensure();
      assert.deepEqual(tools, [{ name: "tiny", version: "1.4.0", origin: "path", location: file }]);
      assert.equal(spawnSync(join(binDir, "tiny")).stdout.toString(), "tiny 1.4.0\n");
    }
    assert.equal(readFileSync(join(world.folder, "asked"), "utf8"), "asked\nasked\nasked\n"); // once, and twice by us
  });

  it("refuses an old one and says so in the error", async () => {
    const file = script("tiny", ["echo tiny 1.1.9"]);
    await assert.rejects(
      ensure({ env: { ...world.env, PATH: [world.bin, "/nowhere"].join(delimiter) } }),
      fault("NOT_AVAILABLE", `${file} is version 1.1.9`, "1.2.0 up to below 2.0.0", "no go command", "install Go"),
    );
  });

  it("refuses a pulumi without its language host beside it", async () => {
    const file = script("pulumi", ["echo v3.259.0"]);
    const tools = TOOLS.filter((tool) => tool.name === "pulumi");
    const env = { ...world.env, PATH: world.bin };
    const options = { tools, env, quiet: true, root: world.root, pins: {} };
    await assert.rejects(
      ensureToolchain(options),
      fault("NOT_AVAILABLE", `${file} has no pulumi-language-nodejs beside it`),
    );
    const host = script("pulumi-language-nodejs", ["exit 0"]);
    const { tools: found } = await ensureToolchain(options);
    assert.deepEqual(
      found.map(({ origin, location }) => [origin, location]),
      [
        ["path", file],
        ["path", host],
      ],
    );
  });

  it("does not take its own cache for an installed tool when binDir is on PATH", async () => {
    fakeGo();
    const { binDir } = await ensure();
    const again = await ensure({ env: { ...world.env, PATH: [binDir, world.env["PATH"]].join(delimiter) } });
    assert.equal(again.tools[0]?.origin, "built");
    assert.equal(again.binDir, binDir);
  });
});
