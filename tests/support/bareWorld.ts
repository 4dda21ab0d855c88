import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { type BareWorld, startBareWorld } from "../../sandbox/world/bare.js";

/** A world before the bootstrap for a suite, gone after it. Call it inside `describe`; use the getter inside tests. */
export function useBareWorld(): () => BareWorld {
  let world: BareWorld | undefined;
  let dir = "";
  before(async function () {
    this.timeout(300_000);
    dir = await mkdtemp(join(tmpdir(), "p24-bare-"));
    world = await startBareWorld({ dir, checkout: resolve(__dirname, "../..") });
  });
  after(async () => {
    await world?.close();
    await rm(dir, { recursive: true, force: true });
  });
  return () => {
    if (world === undefined) {
      throw new Error("the world is there inside tests only");
    }
    return world;
  };
}
