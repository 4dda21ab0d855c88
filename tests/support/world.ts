import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { startLabHost } from "../../lab/host.js";
import { failOutside } from "./fence.js";
import { startWorld, type World, type WorldOptions } from "../../sandbox/world/world.js";

/**
 * A world of its own for a suite, gone after it. Call it inside `describe`; use the getter inside tests. A test that asks
 * a host that is not emulated fails (tests/support/fence.ts). With P24_HOSTS=lab its hosts are machines of the lab.
 */
export function useWorld(options: Partial<WorldOptions> = {}): () => World {
  let world: World | undefined;
  let dir = "";
  before(async function () {
    this.timeout(300_000);
    dir = await mkdtemp(join(tmpdir(), "p24-world-"));
    const hosts = process.env["P24_HOSTS"] === "lab" ? { startHost: startLabHost } : {};
    world = await startWorld({ checkout: resolve(__dirname, "../.."), ...hosts, ...options, dir });
  });
  failOutside(() => world);
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
