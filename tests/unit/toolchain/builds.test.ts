import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Tool } from "../../../toolchain/setup.mjs";
import { needs } from "../../support/needs.js";
import { until } from "../../support/until.js";
import {
  windows,
  SHELL,
  TINY,
  world,
  script,
  fakeGo,
  builds,
  ensure,
  fault,
  useWorld,
  start,
  isRunning,
} from "./support.js";

describe("toolchain: builds", function () {
  useWorld();
  this.timeout(60_000);

  before(function () {
    needs(this, !windows, SHELL);
  });

  it("builds once: the second run finds the artifact", async () => {
    fakeGo();
    const first = await ensure();
    assert.deepEqual(await ensure(), first);
    assert.equal(builds(), 1);
    assert.deepEqual(
      first.tools.map(({ name, version, origin }) => [name, version, origin]),
      [["tiny", "1.2.3", "built"]],
    );
  });

  it("builds again when the source changed", async () => {
    fakeGo();
    const first = await ensure();
    writeFileSync(join(world.modules, "tiny", "go.sum"), "changed\n");
    assert.notEqual((await ensure()).binDir, first.binDir);
    assert.equal(builds(), 2);
  });

  it("builds again when the artifact is damaged", async () => {
    fakeGo();
    await ensure();
    const artifact = readdirSync(world.root).find((name) => name.startsWith("tiny-1.2.3-built-")) ?? "";
    rmSync(join(world.root, artifact, "tiny"));
    rmSync(join(world.root, "bin"), { recursive: true });
    const { tools } = await ensure();
    assert.equal(spawnSync(tools[0]?.location ?? "").stdout.toString(), "tiny 1.2.3\n");
    assert.equal(builds(), 2);
  });

  it("puts a program back that somebody replaced in binDir", async () => {
    fakeGo();
    const { tools, binDir } = await ensure();
    rmSync(join(binDir, "tiny"));
    writeFileSync(join(binDir, "tiny"), "replaced");
    await ensure();
    assert.equal(spawnSync(tools[0]?.location ?? "").stdout.toString(), "tiny 1.2.3\n");
    assert.equal(builds(), 1);
  });

  it("lets two processes at once make one artifact, and the second says that it waits", async () => {
    fakeGo(2);
    const runs = [start(), start()];
    const outcomes = await Promise.all(runs.map((run) => run.ended));
    assert.deepEqual(
      outcomes.map(({ code }) => code),
      [0, 0],
    );
    assert.equal(outcomes[0]?.stdout, outcomes[1]?.stdout);
    assert.equal(builds(), 1);
    assert.equal(outcomes.filter(({ stderr }) => stderr.includes("waiting for tiny: another run is at it")).length, 1);
    assert.deepEqual(readdirSync(join(world.root, "tmp")), []);
    assert.deepEqual(readdirSync(join(world.root, "locks")), []);
  });

  it("survives a crowd", async () => {
    fakeGo(0);
    const all = await Promise.all(Array.from({ length: 8 }, () => ensure()));
    assert.equal(new Set(all.map((one) => JSON.stringify(one))).size, 1);
    assert.equal(builds(), 1);
    assert.ok(existsSync(all[0]?.tools[0]?.location ?? ""));
  });

  it("goes on after a run that was killed, and clears what it left", async () => {
    fakeGo(30);
    const run = start();
    await until("the build begins", () => builds() === 1, { forMs: 15_000 });
    run.child.kill("SIGKILL");
    await run.ended;
    assert.equal(readdirSync(join(world.root, "locks")).length, 1);
    fakeGo(0);
    const { tools } = await ensure();
    assert.equal(tools[0]?.origin, "built");
    assert.deepEqual(readdirSync(join(world.root, "tmp")), []);
    assert.deepEqual(readdirSync(join(world.root, "locks")), []);
  });

  it("gives its lock back and ends the compiler when it is interrupted", async () => {
    fakeGo(30);
    const run = start();
    await until("the build begins", () => builds() === 1, { forMs: 15_000 });
    run.child.kill("SIGINT");
    const { signal } = await run.ended;
    assert.equal(signal, "SIGINT");
    const compiler = Number(readFileSync(join(world.folder, "go.pid"), "utf8"));
    await until("the compiler ends", () => !isRunning(compiler), { forMs: 15_000 });
    assert.deepEqual(readdirSync(join(world.root, "locks")), []);
  });

  it("names the tool, the place and the repair when a build fails", async () => {
    script("go", ['[ "$1" = env ] && echo go1.99.0 && exit 0', "echo 'dial tcp: no route to host' >&2", "exit 1"]);
    await assert.rejects(ensure(), fault("BUILD_FAILED", "Building tiny failed", "no route to host", "GOPROXY"));
  });

  it("fetches nothing when only what is present may be taken", async () => {
    fakeGo();
    await assert.rejects(
      ensure({ presentOnly: true }),
      fault("NOT_AVAILABLE", "tiny 1.2.3 is not on this machine", "--only tiny"),
    );
    assert.equal(builds(), 0);
    await ensure();
    assert.equal((await ensure({ presentOnly: true })).tools[0]?.origin, "built");
    assert.equal(builds(), 1);
  });

  it("names an old Go and what the source needs", async () => {
    script("go", ["echo go1.20.14"]);
    await assert.rejects(ensure(), fault("NOT_AVAILABLE", "go is 1.20.14, the pinned source needs 1.21.0"));
  });

  it("lists the faults of all tools in one error", async () => {
    const env = { ...world.env, PATH: world.bin };
    const other: Tool = { ...TINY, name: "other", programs: ["other"] };
    await assert.rejects(
      ensure({ tools: [TINY, other], env }),
      fault("NOT_AVAILABLE", "tiny 1.2.3 cannot be had", "other 1.2.3 cannot be had"),
    );
  });

  it("leaves a plugin out that cannot be had, unless it was asked for", async () => {
    const env = { ...world.env, PATH: world.bin };
    const plugin: Tool = { ...TINY, name: "plugin", programs: ["plugin"], plugin: true };
    script("tiny", ["echo tiny 1.2.3"]);
    const { tools } = await ensure({ tools: [TINY, plugin], env });
    assert.deepEqual(
      tools.map((tool) => tool.name),
      ["tiny"],
    );
    await assert.rejects(ensure({ tools: [TINY, plugin], env, only: ["plugin"] }), fault("NOT_AVAILABLE", "plugin"));
  });

  it("names a cache that cannot be written, but needs no writing when all is there", async () => {
    fakeGo();
    writeFileSync(join(world.folder, "file"), "");
    await assert.rejects(
      ensure({ root: join(world.folder, "file", "x") }),
      fault("CACHE_UNWRITABLE", "XDG_CACHE_HOME"),
    );
  });

  it("refuses a tool that does not exist", async () => {
    await assert.rejects(ensure({ with: ["tinny"] }), fault("USAGE", "no tool tinny", "tiny"));
  });

  it("builds with the real go command", async function () {
    const go = spawnSync("go", ["env", "GOROOT"], { encoding: "utf8" });
    needs(this, go.status === 0, "go");
    const env = { ...process.env, GOFLAGS: "-mod=mod" };
    const { tools } = await ensure({ env });
    assert.equal(spawnSync(tools[0]?.location ?? "").stderr.toString(), "tiny 1.2.3\n");
  });
});
