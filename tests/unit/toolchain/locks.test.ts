import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { processStart, withLock } from "../../../toolchain/lib/internals.mjs";
import { needs } from "../../support/needs.js";
import { until } from "../../support/until.js";
import { INTERNALS, world, useWorld } from "./support.js";

describe("toolchain: locks", function () {
  useWorld();
  this.timeout(20_000);

  it("takes a lock over whose owner was killed", async () => {
    const file = join(world.folder, "locks", "a.lock");
    const code = `import { withLock } from ${JSON.stringify(pathToFileURL(INTERNALS).href)};
      await withLock(${JSON.stringify(file)}, () => new Promise(() => setInterval(() => {}, 1000)));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code]);
    const gone = once(child, "exit");
    await until("the lock is taken", () => existsSync(file), { forMs: 15_000 });
    child.kill("SIGKILL");
    await gone;
    assert.equal(await withLock(file, () => Promise.resolve("mine")), "mine");
    assert.ok(!existsSync(file));
  });

  it("takes a lock over whose process id belongs to another process by now", async function () {
    needs(this, processStart(process.pid) !== null, "Linux, which tells when a process began");
    const file = join(world.folder, "a.lock");
    writeFileSync(file, JSON.stringify({ pid: process.pid, host: (await import("node:os")).hostname(), started: "1" }));
    assert.equal(await withLock(file, () => Promise.resolve("mine")), "mine");
  });

  it("waits for a living owner, and lets only one work at a time", async () => {
    const file = join(world.folder, "a.lock");
    let inside = 0;
    let most = 0;
    let waited = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await until("the others wait", () => waited === 4, { everyMs: 5 });
      inside--;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(file, work, { pollMs: 5, onWait: () => waited++ })));
    assert.equal(most, 1);
    assert.equal(waited, 4);
  });

  it("believes another machine's owner as long as it gives signs of life", async () => {
    const file = join(world.folder, "a.lock");
    writeFileSync(file, JSON.stringify({ pid: 1, host: "elsewhere", started: null, since: "then" }));
    const since = Date.now();
    await withLock(file, () => Promise.resolve(), { pollMs: 10, silentMs: 300 });
    assert.ok(Date.now() - since >= 200);
  });

  it("gives the lock back when the work fails", async () => {
    const file = join(world.folder, "a.lock");
    await assert.rejects(
      withLock(file, () => Promise.reject(new Error("broken"))),
      /broken/,
    );
    assert.ok(!existsSync(file));
  });
});
