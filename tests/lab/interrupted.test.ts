/**
 * Runs that are cut in the midst of a host's apply, on machines with real sshd and Docker through the whole program: the
 * engine is killed, the connection breaks while the payload arrives and after it, the host goes between the look and the
 * write, two runs write at once. The file stays whole, services answer, and the next `up` converges; after a kill it takes
 * one command, which the message names.
 */
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";

import { p24, up } from "../../sandbox/world/engine.js";
import { sealDraft } from "../sandbox/host/seal.js";
import { temporaryFolder } from "../support/folder.js";
import { LOCKED, sendAll, startUp } from "../support/program.js";
import { Login } from "./support/ssh.js";
import { stall } from "./support/stall.js";
import { findsNothing, useTeam } from "./support/team.js";

describe("a run that is cut in the midst of an apply", () => {
  const team = useTeam();
  const folder = temporaryFolder();
  const serial = () => Number(readFileSync(team.host().path("/var/lib/p24-host/monitoring/serial"), "utf8"));

  /** An apply whose caller is gone holds the host's lock until it has ended. */
  const applyEnded = () => team.host().machine.must(["flock", "/var/lib/p24-host/lock", "true"]);

  /** Waits until nobody is logged in any more. */
  const sessionsEnded = () =>
    team.host().machine.must(["sh", "-c", "while pgrep -x -u claude-admin sshd >/dev/null; do sleep 0.01; done"]);

  it("the engine is killed while the host applies: the host finishes; after the command that is named, up converges", async () => {
    await team.change();
    const { reached, release } = await stall(team.host(), "sha256sum");
    const { pid, ended } = startUp(team.world);
    await reached;
    sendAll(pid, "SIGKILL");
    assert.equal((await ended).signal, "SIGKILL");
    await team.answersLikeTheFile();
    const before = team.host().readEnv();
    await release();
    await applyEnded();
    assert.notEqual(team.host().readEnv(), before);
    await team.answersLikeTheFile();
    const locked = await up(team.world);
    assert.notEqual(locked.code, 0);
    assert.ok(locked.stderr.endsWith(LOCKED), locked.stderr);
    await cancel();
    await team.converges();
  });

  /** The command that LOCKED names. */
  async function cancel(): Promise<void> {
    const [, command = ""] = /npm run p24 -- (.*)\n/.exec(LOCKED) ?? [];
    const { code, stderr } = await p24(team.world, ...command.split(" "));
    assert.equal(code, 0, stderr);
  }

  it("the connection breaks while the payload arrives: nothing changes; the same payload, whole, is applied", async () => {
    const host = team.host();
    const { stack } = team.world.secrets;
    const signer = createPrivateKey(stack["payload_signing_key"] ?? "");
    const text = `${host.readEnv() ?? ""}# ${"longer than what pipes and sockets hold ".repeat(15_000)}\n`;
    const draft = { target: host.target, serial: serial() + 1 };
    const payload = await sealDraft({ name: host.name, recipient: host.recipient, signer }, text, draft);
    const login = new Login(folder(), host, host.user, stack["sync_ssh_key"] ?? "");
    const send = () => login.ssh([], `p24-host apply ${host.target}`, payload);
    const before = [host.readEnv(), serial()];
    const { reached, release } = await stall(host, "head");
    const cut = send();
    await reached;
    await host.down();
    assert.notEqual((await cut).code, 0);
    await release();
    await host.machine.must(["sh", "-c", "while ls -d /var/lib/p24-host/*/incoming.*; do sleep 0.01; done"]);
    assert.deepEqual([host.readEnv(), serial()], before);
    await team.answersLikeTheFile();
    await host.up();
    assert.deepEqual(await send(), { code: 0, stdout: `applied ${String(draft.serial)} as-applied\n`, stderr: "" });
    await team.change();
    await team.converges();
  });

  it("the connection breaks while the host applies: it finishes, the run ends red, the next one converges", async () => {
    await team.change();
    const { reached, release } = await stall(team.host(), "sha256sum");
    const run = team.fails(
      "\n  command:remote:Command (vps-i1):\n    error: ",
      "\n    ! host vps-i1: cannot be reached at 127.0.0.1 port ",
    );
    await reached;
    await team.host().down();
    await release();
    await run;
    await applyEnded();
    await team.answersLikeTheFile();
    await team.host().up();
    await team.converges();
  });

  it("the host goes between the look and the write: the run ends red, the next one converges", async () => {
    const before = team
      .host()
      .readEnv()
      ?.replace(/^(LOKI_TENANT_SECRET=).*$/m, "$1by-hand");
    team.host().writeEnv(before);
    const [looked, other] = [await stall(team.host(), "age"), await stall(team.host("vps-h1"), "age")];
    const run = team.fails(
      "LOKI_TENANT_SECRET  differs ",
      `dial tcp 127.0.0.1:${String(team.host().port)}: connect: connection refused\n`,
      "\n    ! host vps-i1: cannot be reached at 127.0.0.1 port ",
    );
    await Promise.all([looked.reached, other.reached]);
    await looked.release();
    await sessionsEnded();
    await team.host().down();
    await other.release();
    await run;
    assert.equal(team.host().readEnv(), before);
    await team.host().up();
    await team.converges();
  });

  it("two runs at once: the second is told so; when its lock is taken away all the same, the host refuses the slower one", async () => {
    await team.change();
    const { reached, release } = await stall(team.host(), "head");
    const slower = up(team.world);
    await reached;
    const second = await up(team.world);
    assert.notEqual(second.code, 0);
    assert.ok(second.stderr.endsWith(LOCKED), second.stderr);
    await cancel();
    await team.change();
    await team.converges();
    await release();
    const { code, stdout } = await slower;
    assert.notEqual(code, 0);
    assert.match(stdout, /\n {4}p24-host: refused serial\n/);
    await team.converges();
  });

  findsNothing(team);
});
