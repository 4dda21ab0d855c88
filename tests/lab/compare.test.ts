/**
 * What `npm run bench` stands on: hosts with real sshd where two identities get in, each to what it is for, and a check after
 * every run that notices when a way did not do its work. That ours does is proved elsewhere; it takes no part here.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { loop, xargs } from "../../bench/compare/ways/shell.js";
import { type Fleet, startFleet } from "../../bench/compare/world.js";
import { inWorktree } from "../../sandbox/world/engine.js";

describe("the hosts of the benchmark", () => {
  let fleet: Fleet;
  before(async function () {
    this.timeout(120_000);
    fleet = await startFleet({ hosts: 2, secrets: 20, rttMs: 0 });
  });
  after(() => fleet.close());

  const ssh = (options: readonly string[], command: string) =>
    inWorktree(fleet.world, "ssh", ["-F", fleet.sshConfig, ...options, "h001", command]);

  it("gives an administrator a shell that finds the host's Docker and reads nobody's start-up files", async () => {
    const { root } = fleet.world.hosts.get("h001") ?? assert.fail();
    const { code, stdout } = await ssh([], 'command -v docker; echo "$HOME"');
    assert.equal(code, 0);
    const [docker, home = ""] = stdout.split("\n");
    assert.equal(docker, join(root, "usr/local/bin/docker"));
    assert.ok(home.startsWith(root) && !existsSync(join(home, ".bashrc")));
  });

  it("gives the sync's key the host program and nothing else", async () => {
    const identity = join(fleet.folder, "sync");
    writeFileSync(identity, fleet.world.secrets.stack["sync_ssh_key"] ?? "", { mode: 0o600 });
    const config = join(fleet.folder, "sync_config");
    const { port, user } = fleet.world.hosts.get("h001") ?? assert.fail();
    const known = join(fleet.folder, "known_hosts");
    writeFileSync(
      config,
      `Host *\nHostName 127.0.0.1\nPort ${String(port)}\nUser ${user}\nIdentityFile ${identity}\nIdentitiesOnly yes\nIdentityAgent none\nUserKnownHostsFile ${known}\nBatchMode yes\n`,
    );
    const observed = await inWorktree(fleet.world, "ssh", ["-F", config, "h001", "p24-host observe app"]);
    assert.match(observed.stdout, /^-----BEGIN AGE ENCRYPTED FILE-----/);
    const shell = await inWorktree(fleet.world, "ssh", ["-F", config, "h001", "id"]);
    assert.deepEqual([shell.code, shell.stdout, shell.stderr.trim()], [10, "", "p24-host: refused command"]);
  });

  for (const way of [loop, xargs]) {
    it(`brings one rotation to every host: ${way.title}`, async () => {
      await way.prepare(fleet);
      await assert.rejects(way.check(fleet), /does not have git's/, "not before");
      await way.run(fleet);
      await way.check(fleet);
    });
  }

  it("notices a value that is not git's, a name too many, and a service with a former value", async () => {
    const host = fleet.world.hosts.get("h002") ?? assert.fail();
    const text = host.readEnv() ?? "";
    for (const [changed, noticed] of [
      [text.replace(/^OWN_001=.*$/m, "OWN_001=x"), /h002 does not have git's OWN_001/],
      [`${text}MORE=x\n`, /h002 has 19 variables instead of 18/],
      ["", /h002 does not have git's/],
    ] as const) {
      host.writeEnv(changed);
      await assert.rejects(fleet.verify(), noticed);
    }
    host.writeEnv(text);
    await fleet.verify();
    await host.removeServices();
    await assert.rejects(fleet.verify(), /h002 does not have git's/);
  });

  it("notices when an sshd turns somebody away", async () => {
    assert.deepEqual(fleet.refusals(), []);
    const { port } = fleet.world.hosts.get("h001") ?? assert.fail();
    const sockets: Socket[] = [];
    // Above ten who have not logged in yet, some are dropped; at a hundred, all.
    for (let at = 0; at < 110; at += 1) {
      const socket = connect(port, "127.0.0.1").on("error", () => undefined);
      sockets.push(socket);
      await once(socket, "connect");
    }
    for (let waited = 0; fleet.refusals().length === 0 && waited < 100; waited += 1) {
      await sleep(50);
    }
    sockets.forEach((socket) => socket.destroy());
    assert.match(fleet.refusals()[0] ?? "", /MaxStartups/);
  });

  it("has nothing left after a reset", async () => {
    await fleet.reset();
    for (const host of fleet.world.hosts.values()) {
      assert.equal(host.readEnv(), undefined);
      assert.deepEqual(await host.services(), []);
    }
  });
});
