import { strict as assert } from "node:assert";
import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import ssh2, { type ClientChannel, type ConnectConfig } from "ssh2";

import { makeSshIdentity } from "../../../sandbox/hosts/index.js";
import { until } from "../../support/until.js";
import { sealDraft } from "./seal.js";
import { openObservation, record, startTestHost, type TestHost } from "./support.js";

const ENV = "WEB_PASSWORD=one\nQUEUE_PASSWORD=one\n";

/** The way of the sync key: an SSH server that behaves as OpenSSH with `restrict,command="p24-host gate"`. */
describe("host: the sync key over SSH", () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost();
  });
  afterEach(() => host.close());

  function connect(more: ConnectConfig = {}): Promise<ssh2.Client> {
    const client = new ssh2.Client();
    return new Promise((resolve, reject) => {
      client.once("ready", () => {
        resolve(client);
      });
      client.on("error", reject);
      client.on("connect", () => client.setNoDelay(true));
      client.connect({
        host: "127.0.0.1",
        port: host.port,
        username: "claude-admin",
        privateKey: host.syncKey,
        readyTimeout: 5000,
        ...more,
      });
    });
  }

  async function collect(stream: ClientChannel, input?: string) {
    let stdout = "";
    let stderr = "";
    let code: number | null | undefined;
    stream.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    stream.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    stream.on("exit", (exit: number | null) => (code = exit));
    stream.on("error", () => undefined);
    const closed = new Promise((resolve) => stream.on("close", resolve));
    if (input !== undefined) {
      stream.end(input);
    }
    await closed;
    return { code, stdout, stderr };
  }

  async function ssh(command: string, input = "", more?: ConnectConfig) {
    const client = await connect(more);
    try {
      return await new Promise<Awaited<ReturnType<typeof collect>>>((resolve, reject) => {
        client.exec(command, (error, channel) => {
          if (error) {
            reject(error);
          } else {
            resolve(collect(channel, input)); // listens at once: the exit status may be there already
          }
        });
      });
    } finally {
      client.end();
    }
  }

  it("applies and observes", async () => {
    const applied = await ssh("p24-host apply app", await sealDraft(host, ENV));
    assert.match(applied.stdout, /^applied \d+ (?:as-applied|other|none)\n$/);
    assert.deepEqual([applied.code, applied.stderr, host.readEnv("app")], [0, "", ENV]);
    const observed = await ssh("p24-host observe app");
    assert.equal(observed.code, 0);
    assert.match(await openObservation(host, observed.stdout), /^p24-observe 1\n/);
  });

  it("passes exit code and fixed word on", async () => {
    const ran = await ssh("p24-host apply app", "nothing");
    assert.deepEqual(ran, { code: 14, stdout: "", stderr: "p24-host: refused malformed\n" });
    assert.deepEqual(await ssh("p24-host observe other"), {
      code: 11,
      stdout: "",
      stderr: "p24-host: refused target\n",
    });
  });

  it("an oversized payload is refused and not waited for", async () => {
    const ran = await ssh("p24-host apply app", "x".repeat(4_000_000));
    assert.deepEqual(ran, { code: 13, stdout: "", stderr: "p24-host: refused oversized\n" });
  });

  for (const command of [
    "id",
    "p24-host",
    "p24-host version",
    "p24-host gate",
    "p24-host observe",
    "p24-host observe app; id",
    "p24-host observe app app",
    "p24-host observe  app",
    "p24-host observe app\nid",
    "p24-host observe $(id)",
    "p24-host observe ../app",
    "p24-host --clean observe app",
    " p24-host observe app",
    "/usr/local/sbin/p24-host observe app",
    "sudo p24-host observe app",
    "P24-HOST observe app",
    "scp -f /etc/passwd",
    "rsync --server --sender . /",
    "cat /root/.age/secrets.key",
  ]) {
    it(`refuses the command ${JSON.stringify(command)}`, async () => {
      assert.deepEqual(await ssh(command), { code: 10, stdout: "", stderr: "p24-host: refused command\n" });
    });
  }

  it("a shell and sftp get the forced command instead", async () => {
    const client = await connect();
    const shell = await new Promise<Awaited<ReturnType<typeof collect>>>((resolve, reject) => {
      client.shell(false, (error, channel) => {
        if (error) {
          reject(error);
        } else {
          resolve(collect(channel, "id\n"));
        }
      });
    });
    assert.deepEqual(shell, { code: 10, stdout: "", stderr: "p24-host: refused command\n" });
    const sftp = new Promise((resolve, reject) => {
      client.sftp((error) => {
        if (error) reject(error);
        else resolve(undefined);
      });
    });
    await assert.rejects(sftp);
    client.end();
  });

  it("no terminal, no environment, no forwarding", async () => {
    const client = await connect();
    const refused = (ask: (done: (error: Error | undefined) => void) => void) =>
      assert.rejects(
        new Promise<void>((resolve, reject) => {
          ask((error) => {
            if (error) reject(error);
            else resolve();
          });
        }),
      );
    await refused((done) => client.shell({ term: "xterm" }, done));
    await refused((done) => client.forwardIn("127.0.0.1", 0, done));
    await refused((done) => client.forwardOut("127.0.0.1", 1, "127.0.0.1", host.port, done));
    await refused((done) => client.openssh_forwardOutStreamLocal("/var/run/docker.sock", done));
    await refused((done) => client.exec("p24-host observe app", { x11: true }, done));
    client.end();
    const observed = await ssh("p24-host observe app");
    assert.equal(observed.code, 0);
  });

  it("lets nobody else in", async () => {
    await assert.rejects(connect({ username: "root" }));
    await assert.rejects(connect({ privateKey: makeSshIdentity().private }));
    await assert.rejects(connect({ password: "x", privateKey: undefined as unknown as string }));
  });

  it("a connection that breaks in the middle of the transfer changes nothing", async () => {
    await ssh("p24-host apply app", await sealDraft(host, ENV));
    const large = await sealDraft(host, `WEB_PASSWORD=${"x".repeat(300_000)}\nQUEUE_PASSWORD=two\n`);
    host.setFault({ cutAfterInput: 100_000 });
    const cut = await ssh("p24-host apply app", large);
    assert.equal(cut.code, undefined);
    host.setFault({});
    await sleep(200);
    assert.equal(host.readEnv("app"), ENV);
    assert.match((await ssh("p24-host apply app", await sealDraft(host, ENV))).stdout, /^unchanged/);
  });

  it("an apply that has its payload is finished although the connection is gone", async () => {
    await ssh("p24-host apply app", await sealDraft(host, ENV));
    const text = "WEB_PASSWORD=two\nQUEUE_PASSWORD=two\n";
    const client = await connect();
    client.exec("p24-host apply app", (_error, stream) => {
      void sealDraft(host, text).then((input) => stream.end(input));
    });
    await until("the apply begins", () => record(host, "pending") !== undefined, { everyMs: 1 });
    await host.down();
    await until("the apply ends", () => record(host, "pending") === undefined, { forMs: 4000 });
    assert.equal(host.readEnv("app"), text);
    assert.equal((await host.services("app")).find(({ name }) => name === "worker")?.env["QUEUE_PASSWORD"], "two");
    client.destroy();
  });

  it("an answer that is cut off is not a whole one", async () => {
    host.setFault({ cutAfterOutput: 1 });
    assert.equal((await ssh("p24-host observe app")).code, undefined);
  });

  it("down, up again on the same port, and with another identity", async () => {
    const { port } = host;
    const identity = (shown: Buffer) => `ssh-ed25519 ${shown.toString("base64")}` === host.hostKeyPublic;
    await host.down();
    await assert.rejects(connect(), /ECONNREFUSED/);
    await host.up();
    assert.equal(host.port, port);
    (await connect({ hostVerifier: identity })).end();
    await host.showOtherIdentity();
    assert.equal(host.port, port);
    await assert.rejects(connect({ hostVerifier: identity }), /verification failed/);
    await host.up();
    (await connect({ hostVerifier: identity })).end();
  });

  it("a slow host answers late", async () => {
    host.setFault({ delayMs: 300 });
    const before = Date.now();
    assert.equal((await ssh("p24-host observe app")).code, 0);
    assert.ok(Date.now() - before >= 300);
  });

  it("many connections at once, and strangers that say nothing", async () => {
    const stranger = connectTcp(host.port, "127.0.0.1");
    stranger.on("error", () => undefined);
    await ssh("p24-host apply app", await sealDraft(host, ENV));
    const ran = await Promise.all(Array.from({ length: 6 }, () => ssh("p24-host observe app")));
    assert.ok(ran.every(({ code }) => code === 0));
    stranger.destroy();
  });

  it("says what is a stand-in", () => {
    assert.ok(host.describe().some((line) => line.includes("stand-in for OpenSSH")));
    assert.ok(host.describe().some((line) => line.includes("stand-in for Docker")));
  });
});
