/**
 * Proves that a preview asks GitHub, sops and git as often for many secrets as for a few. Calls are counted, not seconds.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { inWorktree } from "../../../sandbox/world/engine.js";
import type { World } from "../../../sandbox/world/world.js";
import { numbered, teamWith } from "../../support/program.js";
import { useWorld } from "../../support/world.js";

const COUNTED = ["sops", "git"];

/** Requests to GitHub by method, and runs of programs, in one preview. */
async function callsOfPreview(world: World): Promise<Record<string, number>> {
  const [folder, log] = [join(world.paths.dir, "counted"), join(world.paths.dir, "calls")];
  mkdirSync(folder, { recursive: true });
  writeFileSync(log, "");
  const path = world.env["PATH"] ?? "";
  for (const tool of COUNTED) {
    const script = `#!/bin/sh\necho ${tool} >>'${log}'\nPATH='${path}' exec ${tool} "$@"\n`;
    writeFileSync(join(folder, tool), script);
    chmodSync(join(folder, tool), 0o755);
  }
  const before = world.github.requests.length;
  const env = { PATH: `${folder}${delimiter}${path}` };
  const { code, stdout } = await inWorktree(world, "pulumi", ["preview", "--non-interactive"], { env });
  assert.equal(code, 0, stdout);
  const calls = [
    ...world.github.requests.slice(before).map(({ method }) => method),
    ...readFileSync(log, "utf8").trimEnd().split("\n"),
  ];
  return calls.reduce<Record<string, number>>((sum, call) => ({ ...sum, [call]: (sum[call] ?? 0) + 1 }), {});
}

describe("what a preview asks", () => {
  const sizes = {
    few: { secrets: teamWith(numbered(5)) },
    many: { secrets: teamWith(numbered(90)) },
  };
  const counts = new Map<string, Record<string, number>>();
  for (const [title, options] of Object.entries(sizes)) {
    describe(`with ${title}`, () => {
      const world = useWorld(options);
      it("is counted", async () => {
        counts.set(title, await callsOfPreview(world()));
      });
    });
  }

  describe("compared", () => {
    it("is the same for many secrets as for a few", () => {
      const few = counts.get("few") ?? {};
      assert.ok((few["GET"] ?? 0) > 0 && (few["sops"] ?? 0) > 0 && (few["git"] ?? 0) > 0, JSON.stringify(few));
      assert.deepEqual(counts.get("many"), few);
    });
  });
});
