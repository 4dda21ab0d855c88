import { strict as assert } from "node:assert";
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { HOST_PROGRAM } from "../../../core/observe/host.js";
import { moveAway, writeOver } from "./spoil.js";
import { apply, listing, observe, on, openObservation, runProgram, startTestHost, type TestHost } from "./support.js";

const ENV = 'WEB_PASSWORD=\'two\nlines\'\nQUEUE_PASSWORD="q \\"1\\" <&>"\n';

describe("host program: observe", () => {
  let host: TestHost;
  before(async () => {
    host = await startTestHost();
    assert.equal((await apply(host, ENV)).code, 0);
  });
  after(async () => {
    assert.deepEqual(host.docker.refused, []);
    await host.close();
  });

  /** The answer's lines that begin with one of these words. */
  async function said(...words: string[]): Promise<string[]> {
    const text = await observe(host);
    assert.ok(text.endsWith("\nend\n"), text);
    return text.split("\n").filter((line) => words.includes(line.split(" ")[0] ?? ""));
  }

  it("says everything in the order of docs/host-protocol.md", async () => {
    const serial = readFileSync(on(host, "var/lib/p24-host/app/serial"), "utf8").trim();
    const owner = readFileSync(on(host, "etc/p24-host/targets"), "utf8")
      .split(" ")
      .find((field) => /^[a-z0-9_-]+:/.test(field));
    assert.equal(
      await observe(host),
      `p24-observe 1
program ${String(HOST_PROGRAM)}
host vps-t1
target app
identity ok
recipient ${host.recipient}
serial ${serial}
pending no
file present 600 ${owner ?? ""}
want 600 ${owner ?? ""}
own WEB_PASSWORD
|WEB_PASSWORD='two
|lines'
own QUEUE_PASSWORD
|QUEUE_PASSWORD="q \\"1\\" <&>"
unread 0
service web running healthy
env web "WEB_PASSWORD=two\\nlines"
env web "QUEUE_PASSWORD=q \\"1\\" <&>"
service worker running none
env worker "QUEUE_PASSWORD=q \\"1\\" <&>"
service clock running none
docker ok
end
`,
    );
  });

  it("gives only names of what is not ours, whatever stands around it", async () => {
    host.writeEnv(
      "app",
      `# comment='\nexport SOMEBODYS = 'canary\nWEB_PASSWORD=canary'\r\n${ENV}OTHER.NAME: canary # it's\nBARE\nWEB_PASSWORD=own#1 # canary\n`,
    );
    const text = await observe(host);
    assert.ok(!text.includes("canary"), text);
    assert.deepEqual(await said("own", "name", "unread"), [
      "name SOMEBODYS",
      "own WEB_PASSWORD",
      "own QUEUE_PASSWORD",
      "name OTHER.NAME",
      "own WEB_PASSWORD",
      "unread 1",
    ]);
    assert.match(text, /^\|WEB_PASSWORD=own#1$/m);
    host.writeEnv("app", ENV);
  });

  it("gives no value from the first thing on that Compose cannot read", async () => {
    host.writeEnv("app", `WEB_PASSWORD=1\nSOMEBODYS="canary\nQUEUE_PASSWORD=canary\n`);
    assert.deepEqual(await said("own", "name", "unread"), ["own WEB_PASSWORD", "name SOMEBODYS", "unread 2"]);
    host.writeEnv("app", `WEB_PASSWORD=1\nsome garbage here\nQUEUE_PASSWORD=2\nSOMEBODYS=canary\n`);
    assert.deepEqual(await said("own", "name", "unread"), ["own WEB_PASSWORD", "unread 3"]);
    host.writeEnv("app", ENV);
  });

  it("a file of Windows, with a byte order mark", async () => {
    host.writeEnv("app", "\ufeffWEB_PASSWORD=1\r\n\r\n# x\r\nQUEUE_PASSWORD='a\r\nb'\r\n");
    assert.deepEqual(await said("own", "name", "unread"), ["own WEB_PASSWORD", "own QUEUE_PASSWORD", "unread 0"]);
    assert.match(await observe(host), /\n\|QUEUE_PASSWORD='a\r\n\|b'\nunread/);
    host.writeEnv("app", ENV);
  });

  it("no file, another mode, no names yet", async () => {
    chmodSync(join(host.dir("app"), ".env"), 0o640);
    assert.match((await said("file"))[0] ?? "", /^file present 640 /);
    const names = moveAway(on(host, "var/lib/p24-host/app/names"));
    assert.deepEqual(await said("own", "env", "name"), ["name WEB_PASSWORD", "name QUEUE_PASSWORD"]);
    names();
    host.writeEnv("app", undefined);
    assert.deepEqual(await said("file", "own", "name", "unread"), ["file absent", "unread 0"]);
    host.writeEnv("app", ENV);
  });

  it("the identity: absent, readable by others, unreadable", async () => {
    const path = on(host, "root/.age/secrets.key");
    const away = moveAway(path);
    assert.deepEqual(await said("identity", "recipient"), ["identity absent", "recipient none"]);
    away();
    chmodSync(path, 0o644);
    assert.deepEqual(await said("identity", "recipient"), ["identity mode", `recipient ${host.recipient}`]);
    chmodSync(path, 0o600);
    const undo = writeOver(path, "nothing\n");
    assert.deepEqual(await said("identity", "recipient"), ["identity ok", "recipient none"]);
    undo();
  });

  it("Docker is down, or absent", async () => {
    host.docker.setDaemon(false);
    assert.deepEqual(await said("docker", "service", "own"), ["own WEB_PASSWORD", "own QUEUE_PASSWORD", "docker down"]);
    host.docker.setDaemon(true);
    const away = moveAway(on(host, "usr/local/bin/docker"));
    const undo = writeOver(
      host.program,
      readFileSync(host.program, "utf8").replace(/^path=(.*):\/usr\/local\/sbin:\/usr\/local\/bin:/m, "path=$1:"),
    );
    // A machine of a developer may have a Docker of its own in the system's folders.
    const [answer] = await said("docker");
    assert.match(answer ?? "", /^docker (absent|ok|down)$/);
    undo();
    away();
  });

  it("names the services that Compose would make anew, whatever name their value has there", async () => {
    assert.deepEqual(await said("recreate"), []);
    host.writeEnv("app", ENV.replace("q ", "another "));
    assert.deepEqual(await said("recreate"), ["recreate web", "recreate worker"]);
    host.writeEnv("app", ENV);
    assert.deepEqual(await said("recreate"), []);
  });

  it("changes nothing", async () => {
    const before = [
      listing(host.dir("app")),
      listing(on(host, "var/lib/p24-host")),
      listing(on(host, "var/lib/p24-host/app")),
    ];
    await observe(host);
    assert.deepEqual(
      [listing(host.dir("app")), listing(on(host, "var/lib/p24-host")), listing(on(host, "var/lib/p24-host/app"))],
      before,
    );
  });

  it("every observer can read it, nobody else", async () => {
    const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
    const other = await generateX25519Identity();
    const path = on(host, "etc/p24-host/observers");
    const undo = writeOver(path, `# the team\n${readFileSync(path, "utf8")}${await identityToRecipient(other)}\n`);
    const ran = await runProgram(host.program, ["observe", "app"]);
    undo();
    const stranger = await generateX25519Identity();
    for (const observer of [host.observer, other]) {
      assert.match(await openObservation({ observer }, ran.stdout), /^p24-observe 1\n/);
    }
    await assert.rejects(openObservation({ observer: stranger }, ran.stdout));
    assert.ok(!ran.stdout.includes("WEB_PASSWORD"));
  });

  it("a service that was removed or does not run is told as it is", async () => {
    const { pid } = (await host.services("app")).find(({ name }) => name === "clock") ?? {};
    process.kill(pid ?? 0, "SIGKILL");
    assert.ok((await said("service")).some((line) => /^service clock (restarting|running|exited) none$/.test(line)));
    rmSync(join(host.dir("app"), "compose.yaml"));
    assert.equal((await said("service")).length, 3);
  });
});
