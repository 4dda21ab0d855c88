/** Proves that the README's commands work in the shell that it tells to open: the one that has sourced `.sandbox/env`. */
import assert from "node:assert/strict";

import { inWorktree } from "../../../sandbox/world/engine.js";
import { useWorld } from "../../support/world.js";

describe("a shell in the sandbox", () => {
  const world = useWorld({ repositories: ["p24-infra"] });
  const inShell = (command: string) =>
    inWorktree(world(), "sh", ["-c", `. "$1" >&2 && ${command}`, "sh", world().paths.envFile], {
      env: { P24_TOOLCHAIN_DIR: "" },
    });

  it("is in the operator's clone and has the sandbox's tools", async () => {
    const { code, stdout } = await inShell("pwd && pulumi stack ls --json");
    assert.equal(code, 0);
    assert.ok(stdout.startsWith(`${world().paths.work}\n`));
    assert.match(stdout, /"sandbox"/);
  });

  it("finds the tools that are there already, which npm run sandbox -- stop looks for first", async () => {
    const { code, stdout, stderr } = await inShell("node toolchain/setup.mjs --quiet");
    assert.equal(code, 0, stdout + stderr);
  });
});
