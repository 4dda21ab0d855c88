/**
 * What a machine of the lab cannot reach of the machine that it runs on. Its programs are root: what was shared with them
 * they could replace for everybody. Not shown: that root cannot break out on purpose; a machine of the lab is no jail.
 */
import assert from "node:assert/strict";
import { existsSync, lstatSync } from "node:fs";

import type { Machine } from "../../lab/machine.js";
import { bareVps, shell } from "./support/vps.js";

describe("a machine of the lab", () => {
  let machine: Machine;

  before(async () => {
    machine = await bareVps();
  });

  after(async () => {
    await machine.close();
  });

  it("has device files of its own: what replaces them there, replaces none here", async () => {
    assert.doesNotMatch(await shell(machine, "cat /proc/mounts"), /devtmpfs/, "the kernel's own are not in reach");
    const mark = `/dev/p24-lab-${String(process.pid)}`;
    await shell(machine, `echo >${mark}`);
    assert.ok(!existsSync(mark), "another folder");
    await shell(machine, "echo replaced >/dev/p24-new; mv -f /dev/p24-new /dev/null; test -f /dev/null");
    assert.ok(lstatSync("/dev/null").isCharacterDevice());
  });

  it("has those that programs count on", async () => {
    const { stdout } = await machine.run([
      "sh",
      "-c",
      `cd /dev && head -c 4 zero | wc -c; head -c 4 urandom | wc -c; head -c 4 random | wc -c; echo x | cat /dev/stdin
      : >full && echo opened; echo x >full || echo refused; echo x >shm/file && cat shm/file
      script -qec tty /tmp/log | tr -d '\\r'`,
    ]);
    assert.equal(stdout, "4\n4\n4\nx\nopened\nrefused\nx\n/dev/pts/0\n");
  });
});
