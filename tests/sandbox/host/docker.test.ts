import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Docker, startDocker } from "../../../sandbox/docker/index.js";
import { killIfThere } from "../../../sandbox/docker/kill.js";
import { interpolate, TemplateError } from "../../../sandbox/docker/interpolate.js";
import { PROJECTS } from "../../../sandbox/hosts/index.js";
import { until } from "../../support/until.js";

describe("sandbox: stand-in for Docker", () => {
  let base: string;
  let docker: Docker;
  beforeEach(async () => {
    base = mkdtempSync(join(tmpdir(), "p24-docker-"));
    mkdirSync(join(base, "project"));
    docker = await startDocker({ dir: join(base, "engine"), socket: join(base, "d.sock") });
    docker.installClient(base);
  });
  afterEach(async () => {
    await docker.close();
    rmSync(base, { recursive: true });
  });

  async function run(
    args: readonly string[],
    { env = {}, bin = base, cwd }: { env?: Record<string, string>; bin?: string; cwd?: string } = {},
  ) {
    const child = spawn(join(bin, "docker"), args, {
      env: { PATH: process.env["PATH"], ...env },
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, out, err };
  }

  const compose = (...args: string[]) =>
    run(["compose", "--project-directory", join(base, "project"), "-p", "p", ...args]);
  const up = (seconds = 5) => compose("up", "-d", "--wait", "--wait-timeout", String(seconds));
  const write = (yaml: string, env = "") => {
    writeFileSync(join(base, "project/compose.yaml"), yaml);
    writeFileSync(join(base, "project/.env"), env);
  };
  const pids = async () => Object.fromEntries((await docker.services("p")).map(({ name, pid }) => [name, pid]));

  it("says that it is one", async () => {
    assert.match((await run(["version"])).out, /stand-in/);
    assert.match((await run(["info"])).out, /stand-in/);
    assert.match(docker.describe(), /stand-in/);
  });

  it("runs the project of the folder in which it is started, without waiting", async () => {
    write("services:\n  app:\n    image: x\n    env_file: .env\n", "WORD=one\n");
    const cwd = join(base, "project");
    assert.deepEqual(await run(["compose", "up", "-d"], { cwd }), { code: 0, out: "", err: "" });
    assert.deepEqual(
      (await docker.services("project")).map(({ env }) => env["WORD"]),
      ["one"],
    );
    await docker.removeProject("project");
    assert.deepEqual(await docker.services("project"), []);
  });

  it("answers a client in Perl as it does the one on Node", async () => {
    const other = join(base, "perl");
    mkdirSync(other);
    docker.installClient(other, "perl");
    write("services:\n  app:\n    image: x\n    environment: [A]\n");
    await up();
    const asked = [
      ["version"],
      [
        "ps",
        "-aq",
        "--filter",
        "label=com.docker.compose.project=p",
        "--filter",
        "label=com.docker.compose.oneoff=False",
      ],
      ["compose", "--project-directory", join(base, "project"), "-p", "p", "create", "--dry-run", "--pull", "never"],
      ["rm", 'a\nb\t"\\ż'],
      [],
    ];
    for (const args of asked) {
      const env = { A: 'line one\nline "two"\\ ż' };
      const answers = [await run(args, { env }), await run(args, { env, bin: other })];
      assert.deepEqual(answers[1], answers[0], args.join(" "));
    }
  });

  it("refuses what it does not know, loudly, and remembers it", async () => {
    for (const args of [["run", "x"], ["ps"], ["inspect", "--format", "{{.Id}}", "x"], ["compose", "down"], []]) {
      const { code, err } = await run(args);
      assert.equal(code, 125);
      assert.match(err, /unsupported/);
    }
    assert.equal(docker.refused.length, 5);
  });

  it("recreates only services whose resolved configuration changed, and those that share an env_file", async () => {
    const yaml =
      "services: {a: {image: x, environment: ['A=${A}']}, b: {image: x, environment: {B: '${B:-none}'}}, c: {image: x, env_file: .env}}";
    write(yaml, "A=1\nB=1\n");
    assert.deepEqual(await up(), { code: 0, out: "", err: "" });
    const first = await pids();
    assert.equal((await up()).code, 0);
    assert.deepEqual(await pids(), first);
    write(yaml, "A=2\nB=1\n");
    assert.equal((await up()).code, 0);
    const second = await pids();
    assert.notEqual(second["a"], first["a"]);
    assert.equal(second["b"], first["b"]);
    assert.notEqual(second["c"], first["c"]);
    const [a] = await docker.services("p");
    assert.deepEqual([a?.env["A"], a?.state, a?.health], ["2", "running", "none"]);
  });

  it("refuses a project as Compose does, without telling values", async () => {
    for (const [yaml, env, what] of [
      ["services: [", "", /yaml/],
      ["services: {a: {}}", "", /services\.a\.image/],
      ["services: {a: {image: x, colour: red}}", "", /services\.a/],
      ["colour: red\nservices: {a: {image: x}}", "", /unrecognized/],
      ["services: {a: {image: x, environment: ['A=${A:?needed}']}}", "", /required variable A is missing/],
      ["services: {a: {image: x, environment: ['A=${A']}}", "", /invalid interpolation/],
      ["services: {a: {image: x, env_file: other.env}}", "", /other\.env not found/],
      ["services: {a: {image: x}}", "A='canary", /line 1: the quoted value of A does not end/],
      ["services: {a: {image: x, depends_on: [b]}}", "", /undefined service b/],
      ["services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}", "", undefined],
    ] as const) {
      write(yaml, env);
      const { code, err } = what === undefined ? await up() : await compose("config", "-q");
      assert.equal(code, 1, yaml);
      assert.match(err, what ?? /cycle/);
      assert.ok(!err.includes("canary"));
    }
    assert.deepEqual(await docker.services(), []);
  });

  it("waits for health, and fails at once when a service gets unhealthy", async () => {
    const yaml = (test: string) =>
      `services: {a: {image: x, healthcheck: {test: '${test}', interval: 30ms, retries: 2}, environment: [A]}, b: {image: x, depends_on: {a: {condition: service_healthy}}}}`;
    write(yaml('test "$$A" = yes'), "A=yes\n");
    assert.equal((await up()).code, 0);
    assert.deepEqual(
      (await docker.services("p")).map(({ health }) => health),
      ["healthy", "none"],
    );
    write(yaml('test "$$A" = yes'), "A=no\n");
    const failed = await up();
    assert.deepEqual([failed.code, failed.err], [1, "container p-a-1 is unhealthy\n"]);
    write(yaml("sleep 10"), "A=yes\n");
    const before = Date.now();
    assert.match((await up(1)).err, /timeout/);
    assert.ok(Date.now() - before < 3000);
  });

  it("starts a process again that was killed, as its restart policy says", async () => {
    write("services: {a: {image: x, restart: always}, b: {image: x}}");
    assert.equal((await up()).code, 0);
    const before = await pids();
    docker.kill("p", "a");
    docker.kill("p", "b");
    await until("b has ended, and a runs anew", async () => {
      const [a, b] = await docker.services("p");
      return a?.state === "running" && a.pid !== before["a"] && b?.state === "exited";
    });
    assert.equal((await up()).code, 0);
    assert.equal((await docker.services("p"))[1]?.state, "running");
  });

  it("a daemon that is down answers nothing but the configuration", async () => {
    write("services: {a: {image: x}}");
    docker.setDaemon(false);
    assert.equal((await compose("config", "-q")).code, 0);
    const ps = [
      "ps",
      "-aq",
      "--filter",
      "label=com.docker.compose.project=p",
      "--filter",
      "label=com.docker.compose.oneoff=False",
    ];
    for (const { code, err } of [await up(), await run(ps)]) {
      assert.equal(code, 1);
      assert.match(err, /Cannot connect/);
    }
    docker.setDaemon(true);
    assert.equal((await up()).code, 0);
    assert.match((await run(ps)).out, /^[0-9a-f]{12}\n$/);
  });

  it("ends all processes with the engine", async () => {
    write("services: {a: {image: x, restart: always}, b: {image: x}}");
    assert.equal((await up()).code, 0);
    const running = Object.values(await pids());
    await docker.close();
    for (const pid of running) {
      assert.ok(!existsSync(`/proc/${String(pid)}/environ`), `process ${String(pid)} is gone`);
    }
    docker = await startDocker({ dir: join(base, "engine"), socket: join(base, "d.sock") });
  });

  it("ends at its start what a killed engine left, and nothing else", async () => {
    const dir = join(base, "other");
    mkdirSync(dir);
    writeFileSync(join(dir, "service.sh"), "#!/bin/sh\nsleep 60\n");
    chmodSync(join(dir, "service.sh"), 0o755);
    const left = spawn("/bin/sh", [join(dir, "service.sh")], { stdio: "ignore", detached: true });
    const stranger = spawn("sleep", ["60"], { stdio: "ignore" });
    writeFileSync(join(dir, "pids"), `${String(left.pid)}\n${String(stranger.pid)}\n`);
    const gone = new Promise((resolve) =>
      left.on("exit", (_code, signal) => {
        resolve(signal);
      }),
    );
    const other = await startDocker({ dir, socket: join(base, "o.sock") });
    await other.close();
    assert.equal(await gone, "SIGKILL");
    assert.equal(stranger.exitCode, null);
    killIfThere(-(left.pid ?? 0));
    stranger.kill("SIGKILL");
  });

  it("interpolates as Compose does", () => {
    const lookup = (name: string) => ({ SET: "value", EMPTY: "" })[name];
    for (const [text, wanted] of [
      ["$SET", "value"],
      ["a${SET}b", "avalueb"],
      ["$$SET $", "$SET $"],
      ["${UNSET}", ""],
      ["${UNSET-x} ${EMPTY-x} ${EMPTY:-x}", "x  x"],
      ["${SET+x} ${EMPTY+x} ${EMPTY:+x} ${UNSET+x}", "x x  "],
      ["${UNSET:-${SET}}", "value"],
      ["${UNSET:-a}b}", "ab}"],
      ["$1 $-", "$1 $-"],
    ] as const) {
      assert.equal(interpolate(text, lookup), wanted, text);
    }
    for (const text of ["${SET", "${}", "${1}", "${UNSET:?}", "${EMPTY:?why}", "${SET!x}"]) {
      assert.throws(() => interpolate(text, lookup), TemplateError, text);
    }
  });

  for (const project of ["monitoring", "hostinger"]) {
    it(`runs the project ${project}`, async () => {
      const env =
        "GRAFANA_ADMIN_PASSWORD=g\nN8N_ENCRYPTION_KEY=longenough\nSMTP_PASSWORD=s\nSMTP_HOST=h\nDISCORD_WEBHOOK_ALERTS=https://x\n";
      write(readFileSync(join(PROJECTS, project, "compose.yaml"), "utf8"), env);
      assert.deepEqual(await up(), { code: 0, out: "", err: "" });
      const services = await docker.services("p");
      assert.ok(services.length >= 4);
      assert.ok(services.every(({ state }) => state === "running"));
      assert.ok(services.some(({ env: got }) => got["SMTP_PASSWORD"] === "s"));
      write(readFileSync(join(PROJECTS, project, "compose.yaml"), "utf8"), "");
      assert.match((await compose("config", "-q")).err, /required variable/);
    });
  }
});
