/** The demonstration's own fence: it does not even start when a setting names a machine that is not this one. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { checkLoopback } from "../../../sandbox/world/loopback.js";

const checkout = resolve(__dirname, "../../..");

describe("npm run demo", () => {
  it("refuses a setting whose host is not loopback, before anything starts", () => {
    const folder = mkdtempSync(join(tmpdir(), "p24-demo-test-"));
    try {
      const settings = join(folder, "Pulumi.demo.yaml");
      writeFileSync(settings, "config:\n  p24-infra:hosts:\n    vps-i1: { address: 192.0.2.1 }\n");
      const env = { ...process.env, TMPDIR: folder };
      const args = ["--import", "tsx", join(checkout, "sandbox/demo.ts"), "--settings", settings];
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: checkout, env, encoding: "utf8" });
      assert.equal(
        stderr,
        "\nThe demo stopped: sandbox settings: hosts.vps-i1.address: 192.0.2.1 is not a loopback address; " +
          "the sandbox does not start. Repair: use 127.0.0.1, ::1 or localhost\n",
      );
      assert.equal(status, 1);
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith("p24-demo-")),
        [],
        "nothing is left behind",
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  for (const address of ["127.0.0.1", "127.8.9.1", "::1", "localhost"]) {
    it(`accepts ${address}`, () => {
      assert.doesNotThrow(() => checkLoopback({ "vps-i1": { address } }));
    });
  }
  for (const address of [
    "10.0.0.1",
    "127.0.0.1.example.test",
    "example.test",
    "0.0.0.0",
    "::",
    "128.0.0.1",
    "::ffff:127.0.0.1",
  ]) {
    it(`refuses ${address}`, () => {
      assert.throws(() => checkLoopback({ "vps-i1": { address } }), /is not a loopback address/);
    });
  }
});
