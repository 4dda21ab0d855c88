import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { needs } from "../../support/needs.js";
import { SETUP, windows, SHELL, world, useWorld } from "./support.js";

describe("toolchain: starter of the language host", function () {
  useWorld();
  this.timeout(120_000);

  let starter: string;
  let folder: string;

  before(function () {
    needs(this, !windows && spawnSync("go", ["version"]).status === 0, `go, and ${SHELL}`);
    folder = mkdtempSync(join(tmpdir(), "p24-starter-"));
    starter = join(folder, "pulumi-language-nodejs");
    const cwd = join(dirname(SETUP), "go", "pulumi-language-nodejs");
    const env = { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOWORK: "off" };
    const built = spawnSync("go", ["build", "-mod=readonly", "-buildvcs=false", "-o", starter, "."], { cwd, env });
    assert.equal(built.status, 0, built.stderr.toString());
    writeFileSync(`${starter}-host`, '#!/bin/sh\nfor each; do echo "[$each]"; done\n', { mode: 0o755 });
  });

  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const cases: [what: string, project: string | null, flags: string[]][] = [
    ["no project", null, []],
    ["a mere runtime name", "name: x\nruntime: nodejs\n", []],
    ["no options", "name: x\nruntime:\n  name: nodejs\n", []],
    [
      "options of the project",
      "name: x\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n    nodeargs: --import tsx\n    packagemanager: npm\n",
      ["[-typescript=false]", "[-nodeargs=--import tsx]"],
    ],
    ["a tsconfig", '{"runtime": {"name": "nodejs", "options": {"tsconfig": "a b.json"}}}', ["[-tsconfig=a b.json]"]],
  ];
  for (const [what, project, flags] of cases) {
    it(`passes on ${what}, then the engine's arguments`, () => {
      const cwd = join(world.folder, "below");
      mkdirSync(cwd);
      if (project !== null) writeFileSync(join(world.folder, "Pulumi.yaml"), project);
      const answer = spawnSync(starter, ["127.0.0.1:9"], { cwd, encoding: "utf8" });
      assert.deepEqual(answer.stdout.trim().split("\n"), [...flags, "[127.0.0.1:9]"], answer.stderr);
    });
  }

  it("refuses a project file that it cannot read, without repeating it", () => {
    for (const project of ["a: [canary", "runtime: {name: n, options: {nodeargs: [canary]}}"]) {
      writeFileSync(join(world.folder, "Pulumi.yaml"), project);
      const answer = spawnSync(starter, [], { cwd: world.folder, encoding: "utf8" });
      assert.equal(answer.status, 1);
      assert.match(answer.stderr, /of the project file|project file is not YAML/);
      assert.doesNotMatch(answer.stdout + answer.stderr, /canary/);
    }
  });
});
