/**
 * Proves that a test fails when it asks for something that is not emulated, and that tests can be run where the network is
 * loopback only. All tests are run there (tests/run.mjs), which proves that nothing goes around the fence.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { needs } from "../../support/needs.js";

const ROOT = join(__dirname, "../../..");

interface Loopback {
  loopbackOnly(): { prefix?: string[]; why?: string; isFault: boolean };
}

interface Outcome {
  passes: { title: string }[];
  failures: { title: string; err: { message: string } }[];
}

function runFixture(which: string): Outcome {
  const args = ["--no-config", "--node-option", "import=tsx", "--reporter", "json"];
  const { stdout } = spawnSync(
    process.execPath,
    [join(ROOT, "node_modules/mocha/bin/mocha.js"), ...args, join(__dirname, "outside.fixture.ts")],
    { cwd: ROOT, encoding: "utf8", env: { ...process.env, P24_FIXTURE: which } },
  );
  return JSON.parse(stdout.slice(stdout.indexOf("{"))) as Outcome;
}

describe("a request to what is not emulated", () => {
  const cases = [
    ["host", "asks a host that is not emulated", "http://elsewhere.example.com:80"],
    ["address", "asks for an address that is not emulated", "GET /elsewhere"],
  ] as const;
  for (const [which, title, target] of cases) {
    it(`fails the test that made it and no other: ${which}`, () => {
      const { failures } = runFixture(which);
      assert.deepEqual(
        failures.map((failure) => [failure.title, failure.err.message]),
        [
          [
            `"after each" hook: no request left the emulated world for "${title}"`,
            `asked for what is not emulated: ${target}`,
          ],
        ],
      );
    });
  }
});

describe("a network of loopback only", () => {
  const inside = async (script: string) => {
    const loopback = (await import(pathToFileURL(join(ROOT, "tests/loopback.mjs")).href)) as Loopback;
    const { prefix, isFault } = loopback.loopbackOnly();
    assert.ok(!isFault, "a build machine with root can make one");
    const [command = "", ...args] = prefix ?? [];
    return prefix && spawnSync(command, [...args, process.execPath, "-e", script], { encoding: "utf8" });
  };

  it("reaches loopback and nothing else", async function () {
    this.timeout(20_000);
    const ended = await inside(`
      const net = require("node:net");
      const tried = (port, host) => new Promise((resolve) => {
        net.connect(port, host).on("connect", () => resolve("connected")).on("error", ({ code }) => resolve(code));
      });
      const server = net.createServer().listen(0, "127.0.0.1", async () => {
        console.log(await tried(server.address().port, "127.0.0.1"), await tried(443, "192.0.2.1"));
        process.exit();
      });`);
    needs(this, ended !== undefined, "a network namespace of its own, which takes Linux and root");
    assert.equal(ended?.stdout.trim(), "connected ENETUNREACH");
  });
});
