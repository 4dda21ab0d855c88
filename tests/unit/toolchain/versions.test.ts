import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheRoot, fits, parseVersion, PINS, TOOLS } from "../../../toolchain/lib/internals.mjs";
import { SETUP, useWorld } from "./support.js";

describe("toolchain: versions", () => {
  const range = { min: "3.259.0", below: "4.0.0" };
  const cases: [printed: string, version: string | null, fit: boolean][] = [
    ["v3.259.0\n", "3.259.0", true],
    ["3.260.1", "3.260.1", true],
    ["v3.258.9", "3.258.9", false],
    ["v4.0.0", "4.0.0", false],
    ["4.0.0-rc.1", "4.0.0-rc.1", false],
    ["v3.259.0-alpha.2+dirty", "3.259.0-alpha.2", false],
    ["v3.260.0-alpha.2", "3.260.0-alpha.2", true],
    ["sops 3.300.3 (latest)", "3.300.3", true],
    ["Docker Compose version v3.400.3\nbuilt with go1.26.8", "3.400.3", true],
    ["(devel)", null, false],
    ["version is set by build process", null, false],
    ["3.259", null, false],
    ["3.259.0.1", null, false],
    ["", null, false],
  ];
  for (const [printed, version, fit] of cases) {
    it(`${JSON.stringify(printed)} is ${version ?? "no version"} and ${fit ? "fits" : "does not fit"}`, () => {
      assert.equal(parseVersion(printed), version);
      assert.equal(fits(version, range), fit);
    });
  }
});

describe("toolchain: table and pins", () => {
  useWorld();
  it("pins whole checksums of files that carry the tool's version, each once", () => {
    const sums = new Set<string>();
    for (const [name, platforms] of Object.entries(PINS)) {
      const tool = TOOLS.find((one) => one.name === name);
      assert.ok(tool?.download?.endsWith("/") === true, name);
      for (const [platform, pin] of Object.entries(platforms)) {
        assert.match(platform, /^(linux|darwin|win32)-(x64|arm64)$/);
        assert.ok(pin.file.includes(tool.version), pin.file);
        assert.match(`${pin.sha256 ?? ""} ${pin.sha512 ?? ""}`, /^(?:[0-9a-f]{64} | [0-9a-f]{128})$/);
        sums.add(pin.sha256 ?? pin.sha512 ?? "");
      }
    }
    assert.equal(sums.size, Object.values(PINS).flatMap((platforms) => Object.keys(platforms)).length);
  });

  it("has a committed go.mod and go.sum for every build, with the version that the table names", () => {
    for (const build of TOOLS.flatMap((tool) => tool.builds)) {
      const folder = join(dirname(SETUP), "go", build.module);
      assert.ok(existsSync(join(folder, "go.sum")), build.module);
      const required = readFileSync(join(folder, "go.mod"), "utf8").matchAll(/^\t?(?:require )?(\S+) (v\S+)/gm);
      const versions = new Map([...required].map(([, path = "", version = ""]) => [path, version]));
      for (const source of Object.values(build.packages).filter((one) => one !== ".")) {
        const found = [...versions]
          .filter(([path]) => `${source}/`.startsWith(`${path}/`))
          .map(([, version]) => version);
        assert.deepEqual(found, [`v${build.version}`], source);
      }
    }
  });

  it("keeps the cache outside the checkout, where the system wants it", () => {
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "/x" }, "linux"), "/x/p24-infra/toolchain");
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "relative", HOME: "/h" }, "linux"), "/h/.cache/p24-infra/toolchain");
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "/x", P24_TOOLCHAIN_DIR: "/t" }, "linux"), "/t");
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "/x", P24_TOOLCHAIN_DIR: "relative" }, "linux"), "/x/p24-infra/toolchain");
    assert.equal(cacheRoot({ LOCALAPPDATA: "/l" }, "win32"), join("/l", "p24-infra", "toolchain"));
  });
});
