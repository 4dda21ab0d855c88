import { strict as assert } from "node:assert";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { HOST_PROGRAM } from "../../../core/observe/host.js";
import { until } from "../../support/until.js";
import { nextSerial, sealDraft } from "./seal.js";
import { writeOver } from "./spoil.js";
import { apply, mode, observe, on, record, runProgram, startTestHost, targetFiles, type TestHost } from "./support.js";

const ONE = "WEB_PASSWORD='one $and \"all\"'\nQUEUE_PASSWORD=one\n";
const TWO = "WEB_PASSWORD='two\nlines'\nQUEUE_PASSWORD=one\n";

describe("host program: apply", () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost();
  });
  afterEach(async () => {
    assert.deepEqual(host.docker.refused, []);
    await host.close();
  });

  const started = async () => Object.fromEntries((await host.services("app")).map(({ name, pid }) => [name, pid]));
  const running = async (name: string) =>
    (await host.services("app")).find((service) => service.name === name)?.env ?? {};

  async function applies(text: string, draft = {}): Promise<string> {
    const { code, stdout, stderr } = await apply(host, text, draft);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    return stdout.replace(/ \d+ [a-z-]+\n$/, "");
  }

  it("the first one writes the file, starts the services with it, and keeps names and serial", async () => {
    const serial = nextSerial();
    const ran = await apply(host, ONE, { serial });
    assert.deepEqual(ran, { code: 0, signal: null, stdout: `applied ${String(serial)} none\n`, stderr: "" });
    assert.equal(host.readEnv("app"), ONE);
    assert.equal(mode(join(host.dir("app"), ".env")), "600");
    assert.deepEqual(targetFiles(host), [".env", "compose.yaml"]);
    assert.equal(record(host, "names"), "WEB_PASSWORD\nQUEUE_PASSWORD");
    assert.equal(record(host, "serial"), String(serial));
    assert.equal(record(host, "pending"), undefined);
    assert.equal((await running("web"))["WEB_PASSWORD"], 'one $and "all"');
    assert.equal((await running("worker"))["QUEUE_PASSWORD"], "one");
  });

  it("a change restarts the services that use it and no other, and keeps the former file", async () => {
    await applies(ONE);
    const before = await started();
    assert.equal(await applies(TWO), "applied");
    const after = await started();
    assert.notEqual(after["web"], before["web"]);
    assert.equal(after["worker"], before["worker"]);
    assert.equal(after["clock"], before["clock"]);
    assert.equal((await running("web"))["WEB_PASSWORD"], "two\nlines");
    assert.equal(host.readEnv("app"), TWO);
    assert.equal(readFileSync(join(host.dir("app"), ".env.previous"), "utf8"), ONE);
    assert.equal(mode(join(host.dir("app"), ".env.previous")), "600");
  });

  it("an equal file restarts nothing and stays the same file", async () => {
    await applies(ONE);
    const before = await started();
    assert.equal(await applies(ONE), "unchanged");
    assert.deepEqual(await started(), before);
    assert.deepEqual(targetFiles(host), [".env", "compose.yaml"]);
  });

  it("a process that runs with a former value is replaced although the file is right", async () => {
    await applies(ONE);
    host.writeEnv("app", TWO);
    const { up } = composeOf(host);
    await up();
    host.writeEnv("app", ONE);
    assert.equal((await running("web"))["WEB_PASSWORD"], "two\nlines");
    assert.match(await observe(host), /^env web "WEB_PASSWORD=two\\nlines"$/m);
    assert.equal(await applies(ONE), "unchanged");
    assert.equal((await running("web"))["WEB_PASSWORD"], 'one $and "all"');
  });

  it("a service that was stopped is started again", async () => {
    await applies(ONE);
    const web = async () => (await host.services("app")).find(({ name }) => name === "web");
    const { pid = 0 } = (await web()) ?? {};
    process.kill(pid, "SIGKILL");
    await until("the service is stopped", async () => (await web())?.state !== "running");
    assert.equal(await applies(ONE), "unchanged");
    assert.notEqual((await started())["web"], pid);
  });

  it("the answer says what was replaced: the last apply's file, another one, or none", async () => {
    const replaced = async (text: string) => (await apply(host, text)).stdout.replace(/ \d+ /, " ");
    assert.equal(await replaced(ONE), "applied none\n");
    assert.equal(await replaced(TWO), "applied as-applied\n");
    assert.equal(await replaced(TWO), "unchanged as-applied\n");
    host.writeEnv("app", TWO.replace("two", "by hand"));
    assert.equal(await replaced(TWO), "applied other\n");
    host.writeEnv("app", ONE);
    assert.equal(await replaced(ONE), "unchanged other\n");
    host.writeEnv("app", undefined);
    assert.equal(await replaced(ONE), "applied none\n");
  });

  it("a file of another mode is put right", async () => {
    await applies(ONE);
    chmodSync(join(host.dir("app"), ".env"), 0o644);
    assert.equal(await applies(ONE), "applied");
    assert.equal(mode(join(host.dir("app"), ".env")), "600");
    assert.equal(mode(join(host.dir("app"), ".env.previous")), "600");
  });

  it("the same manual edit is repaired twice", async () => {
    await applies(ONE);
    for (let time = 0; time < 2; time += 1) {
      host.writeEnv("app", TWO);
      assert.equal(await applies(ONE), "applied");
      assert.equal(host.readEnv("app"), ONE);
    }
  });

  it("a deleted file is written again", async () => {
    await applies(ONE);
    host.writeEnv("app", undefined);
    assert.equal(await applies(ONE), "applied");
    assert.equal(host.readEnv("app"), ONE);
  });

  it("a name that left git leaves the file", async () => {
    await applies(ONE);
    assert.equal(await applies("WEB_PASSWORD=one\n"), "applied");
    assert.equal(record(host, "names"), "WEB_PASSWORD");
  });

  it("first contact: names that git knows are taken over, pruned ones dropped", async () => {
    host.writeEnv("app", "# by hand\nQUEUE_PASSWORD=old\nLEFT.OVER=x\nexport WEB_PASSWORD=old\n");
    assert.equal(await applies(ONE, { prune: ["LEFT.OVER"] }), "applied");
    assert.equal(host.readEnv("app"), ONE);
  });

  it("garbage among our own names is repaired", async () => {
    await applies(ONE);
    host.writeEnv("app", `${ONE}this is no assignment\nQUEUE_PASSWORD='not closed\n`);
    assert.equal(await applies(TWO), "applied");
  });

  it("a file without any name is written as it is", async () => {
    await applies(ONE);
    assert.equal(await applies("", { names: [] }), "applied");
    assert.equal(host.readEnv("app"), "");
    assert.equal(record(host, "names"), "");
  });

  it("every byte arrives as it was sent", async () => {
    const text = 'WEB_PASSWORD="a\\"b\\\\ \\$x \\r"\nQUEUE_PASSWORD=\'zażółć 漢字 🔑 \t \\\\\'\n# no line end';
    await applies(text, { names: ["WEB_PASSWORD", "QUEUE_PASSWORD"] });
    assert.equal(host.readEnv("app"), text);
  });

  it("a large file is applied", async () => {
    const many = Array.from(
      { length: 400 },
      (_, at) => `VALUE_${String(at)}='${"x'y".replace("'", "\\'").repeat(300)}'\n`,
    );
    assert.equal(await applies(many.join("")), "applied");
  });

  it("the caller's environment is not used", async () => {
    const env = {
      PATH: "/nowhere",
      DOCKER_HOST: "unix:///nowhere",
      COMPOSE_FILE: "/nowhere",
      ENV: "/nowhere",
      IFS: "p",
      CDPATH: "/",
    };
    const ran = await runProgram(host.program, ["version"], "", env);
    assert.deepEqual([ran.code, ran.stdout, ran.stderr], [0, `p24-host ${String(HOST_PROGRAM)}\n`, ""]);
    const done = await runProgram(host.program, ["apply", "app"], await sealDraft(host, ONE), env);
    assert.deepEqual([done.code, done.stderr], [0, ""]);
  });

  it("what the shell and the tools say goes nowhere, and none of it is a slip of ours", async () => {
    const log = join(host.base, "said");
    const program = readFileSync(host.program, "utf8");
    const undo = writeOver(
      host.program,
      program.replace("exec 3>&1 4>&2 >/dev/null 2>&1", `exec 3>&1 4>&2 >/dev/null 2>>"${log}"`),
    );
    try {
      await applies(ONE);
      await applies(ONE);
      host.writeEnv("app", `${ONE}SOMEBODYS=x\n`);
      await apply(host, ONE);
      rmSync(join(host.dir("app"), ".env"));
      await applies(ONE);
      await apply(host, "WEB_PASSWORD=unhealthy\n");
      await observe(host);
      await runProgram(on(host, "usr/local/sbin/p24-host"), ["gate"], "", {
        SSH_ORIGINAL_COMMAND: "p24-host observe app",
      });
    } finally {
      undo();
    }
    const slips = existsSync(log) ? readFileSync(log, "utf8").match(/^.*p24-host: .*$/gm) : [];
    assert.deepEqual(slips ?? [], []);
  });
});

/** What a person on the host would run after an edit. */
function composeOf(host: TestHost) {
  const args = [
    "compose",
    "--project-directory",
    host.dir("app"),
    "-p",
    "app",
    "up",
    "-d",
    "--wait",
    "--wait-timeout",
    "5",
  ];
  return {
    up: async () => {
      const ran = await runProgram(on(host, "usr/local/bin/docker"), args, "", { PATH: process.env["PATH"] });
      assert.equal(ran.code, 0, ran.stderr);
    },
  };
}
