/**
 * The spec's drill against machines with real sshd, Docker and Compose: `p24 drill smtp_password` from the edit to services that
 * run with the new value, timed. What it does not prove: CI's queue and its start-up, and a VPS's network.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { LOG_FILE, parseLog } from "../../core/rotation/log.mjs";
import { p24 } from "../../sandbox/world/engine.js";
import { converge, numbered, teamWith } from "../support/program.js";
import { useWorld } from "../support/world.js";

describe("a drill on machines", () => {
  const world = useWorld({ secrets: teamWith(numbered(2)) });
  before(async function () {
    this.timeout(600_000);
    await converge(world());
  });

  it("is under five minutes, confirmed, and both machines' services run with the new value", async function () {
    this.timeout(600_000);
    const { code, stdout, stderr } = await p24(world(), "drill", "smtp_password", "--generate", "password");
    assert.equal(code, 0, stdout + stderr);
    process.stdout.write(stdout.replace(/^/gm, "      "));
    assert.match(
      stdout,
      /^verified .* vps-i1, vps-h1\nservices .* run, none is unhealthy\nin all +[\d.]+ s +under 5:00\n$/m,
    );
    const row = parseLog(readFileSync(join(world().paths.work, LOG_FILE), "utf8")).at(-1);
    assert.deepEqual([row?.secret, row?.reason, row?.state], ["smtp_password", "drill", "confirmed"]);
    assert.match(row?.confirmed ?? "", /^yes, \S+Z, drill: \d:\d\d from the edit to verified$/);
    for (const host of world().hosts.values()) {
      const values = (await host.services()).flatMap(({ env }) => env["SMTP_PASSWORD"] ?? []);
      assert.ok(values.length > 0 && values.every((value) => /^[A-Za-z0-9]{40}$/.test(value)), host.name);
    }
  });
});
