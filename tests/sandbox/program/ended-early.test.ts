/**
 * Proves with the real engine that a program which stops before it has declared everything makes the run fail and deletes
 * nothing. The engine by itself takes such an end for success: what was not declared by then is no longer wanted.
 */
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { preview, up } from "../../../sandbox/world/engine.js";
import { OWNER } from "../../../sandbox/world/github.js";
import { converge, numbered, REPOSITORY, teamWith } from "../../support/program.js";
import { useWorld } from "../../support/world.js";

describe("a program that waits for what never comes", () => {
  const world = useWorld({ repositories: [REPOSITORY], secrets: teamWith(numbered(1)) });

  it("fails, and everything stays; the next one finds nothing to do", async () => {
    await converge(world());
    const file = join(world().paths.work, "index.ts");
    const program = readFileSync(file, "utf8");
    const stuck = program.replace("await places.ground;", "await new Promise<never>(() => undefined);");
    assert.notEqual(stuck, program);
    rmSync(file); // a link to the checkout's
    writeFileSync(file, stuck);
    const { code, stdout, stderr } = await up(world());
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /the program ended before it was done/);
    assert.deepEqual(
      world()
        .github.secretsOf(OWNER, REPOSITORY)
        .map(({ name }) => name),
      ["NAME_01"],
    );
    writeFileSync(file, program);
    assert.deepEqual((await preview(world(), "--expect-no-changes")).code, 0);
  });
});
