/**
 * The whole program against two machines with real sshd, Docker and Compose: what `p24 pulumi -- up` says of a host that could
 * not take a value and what is left there, and that `p24 status` sees a process that still runs with a former value. What it
 * does not prove: the rest of a day (tests/sandbox/program, which `npm run lab` runs on machines as well).
 */
import assert from "node:assert/strict";

import { type LabHost, startLabHost } from "../../lab/host.js";
import { p24, rotate, up } from "../../sandbox/world/engine.js";
import { converge, numbered, teamWith } from "../support/program.js";
import { useWorld } from "../support/world.js";

describe("the program with real hosts", () => {
  const world = useWorld({ secrets: teamWith(numbered(1)), startHost: startLabHost });
  const host = () => world().hosts.get("vps-i1") as LabHost;

  /** Service to start time and value of a variable. */
  const running = async (variable: string) =>
    Object.fromEntries(
      (await host().services()).map(({ name, startedAt, env }) => [
        name,
        { started: startedAt?.getTime(), value: env[variable] },
      ]),
    );

  before(async function () {
    this.timeout(300_000);
    await converge(world());
  });

  it("up ends red when a service cannot live with a value, and says where, which and what was put back", async () => {
    const [file, before] = [host().readEnv(), await running("SMTP_PASSWORD")];
    await rotate(world(), "shared", "smtp_password", "turned-away");
    const done = await up(world());
    assert.notEqual(done.code, 0);
    assert.match(done.stdout, /^ +command:remote:Command \(?vps-i1\)?:?$/m);
    assert.match(done.stdout, /p24-host: failed services mailer; put back\n/);
    assert.match(done.stdout, /\nNot equal to git: host:vps-i1\.\n$/);
    assert.equal(host().readEnv(), file);
    const after = await running("SMTP_PASSWORD");
    for (const name of ["alertmanager", "pdf-probe", "thanos-sidecar"]) {
      assert.deepEqual(after[name], before[name], `${name} was not touched`);
    }
    assert.equal(after["mailer"]?.value, before["mailer"]?.value);
    assert.match(world().hosts.get("vps-h1")?.readEnv() ?? "", /^SMTP_PASSWORD=turned-away$/m);
    const { code, stdout } = await p24(world(), "status");
    assert.equal(code, 4);
    assert.match(stdout, /^host:vps-i1 +differs \(verified\)/m);
    await rotate(world(), "shared", "smtp_password", "a better one");
    await converge(world());
  });

  it("a process with a former value is seen although the file is right, and up restarts those alone", async () => {
    const right = host().readEnv() ?? "";
    const compose = ["docker", "compose", "--project-directory", host().directory, "-p", host().target, "up", "-d"];
    host().writeEnv(
      right.replace(/^DISCORD_WEBHOOK_ALERTS=.*$/m, "DISCORD_WEBHOOK_ALERTS=https://former.example.test"),
    );
    await host().machine.must([...compose, "alertmanager"]);
    host().writeEnv(right);
    const { code, stdout } = await p24(world(), "status");
    assert.equal(code, 4);
    assert.match(stdout, /^host:vps-i1 +stale process \(verified\) +\d+ in sync, 1 stale process$/m);
    assert.match(stdout, /^ {4}DISCORD_WEBHOOK_ALERTS +stale process .* up restarts alertmanager, mailer$/m);
    const before = await running("DISCORD_WEBHOOK_ALERTS");
    await converge(world());
    const after = await running("DISCORD_WEBHOOK_ALERTS");
    const restarted = Object.keys(after).filter((name) => after[name]?.started !== before[name]?.started);
    assert.deepEqual(restarted.sort(), ["alertmanager", "mailer"]);
    assert.equal((await p24(world(), "status")).code, 0);
  });

  it("also when the value has another name in that process", async () => {
    const right = host().readEnv() ?? "";
    const compose = ["docker", "compose", "--project-directory", host().directory, "-p", host().target, "up", "-d"];
    host().writeEnv(right.replace(/^SMTP_PASSWORD=.*$/m, "SMTP_PASSWORD=former"));
    await host().machine.must([...compose, "grafana"]);
    host().writeEnv(right);
    const { code, stdout } = await p24(world(), "status");
    assert.equal(code, 4);
    const note = "    note: service grafana runs with something else than its files say; up starts it anew\n";
    assert.ok(stdout.includes(note), stdout);
    const before = await running("GF_SMTP_PASSWORD");
    await converge(world());
    const after = await running("GF_SMTP_PASSWORD");
    assert.deepEqual([before["grafana"]?.value, after["grafana"]?.value], ["former", "a better one"]);
    assert.equal((await p24(world(), "status")).code, 0);
  });
});
