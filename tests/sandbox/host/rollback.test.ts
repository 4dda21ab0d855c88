import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { wrapProgram, writeOver } from "./spoil.js";
import { apply, COMPOSE, listing, observe, on, record, startTestHost, targetFiles, type TestHost } from "./support.js";

const FORMER = "WEB_PASSWORD=former\nQUEUE_PASSWORD=former\n";
const BETTER = "WEB_PASSWORD=better\nQUEUE_PASSWORD=better\n";
const UNHEALTHY = "WEB_PASSWORD=unhealthy\nQUEUE_PASSWORD=new\n";

/** Exits 31 to 34 of docs/host-protocol.md, and the failures of writing (30): the former world is there again. */
describe("host program: put back", () => {
  let host: TestHost;
  afterEach(async () => {
    assert.deepEqual(host.docker.refused, []);
    await host.close();
  });

  async function start(former: string | undefined, ...more: Parameters<typeof startTestHost>): Promise<void> {
    host = await startTestHost(...more);
    if (former !== undefined) {
      assert.equal((await apply(host, former)).code, 0);
    }
  }

  async function fails(text: string, code: number, word: string): Promise<void> {
    const ran = await apply(host, text);
    assert.deepEqual(ran, { code, signal: null, stdout: "", stderr: `p24-host: ${word}\n` });
  }

  const environments = async () =>
    Object.fromEntries(
      (await host.services("app")).map(({ name, state, env }) => [
        name,
        [state, env["WEB_PASSWORD"] ?? env["QUEUE_PASSWORD"]],
      ]),
    );
  const started = async () => (await host.services("app")).map(({ name, pid }) => ({ name, pid }));
  const FORMER_WORLD = { web: ["running", "former"], worker: ["running", "former"], clock: ["running", undefined] };

  it("31: Compose refuses the project: file back, services never touched", async () => {
    const compose = COMPOSE.replace("${QUEUE_PASSWORD:-none}", "${QUEUE_PASSWORD:?needed}");
    await start(FORMER, {}, compose);
    const before = await started();
    await fails("WEB_PASSWORD=new\n", 31, "failed compose-config; put back");
    assert.equal(host.readEnv("app"), FORMER);
    assert.deepEqual(await started(), before);
    assert.equal(record(host, "names"), "WEB_PASSWORD\nQUEUE_PASSWORD");
    assert.equal(record(host, "pending"), undefined);
  });

  it("31: broken YAML, with and without a former file", async () => {
    await start(FORMER);
    writeFileSync(join(host.dir("app"), "compose.yaml"), "services: [");
    await fails(BETTER, 31, "failed compose-config; put back");
    await fails(FORMER, 31, "failed compose-config; nothing to put back");
    assert.equal(host.readEnv("app"), FORMER);
    host.writeEnv("app", undefined);
    await fails(BETTER, 31, "failed compose-config; nothing to put back");
    assert.equal(host.readEnv("app"), undefined);
  });

  it("32: Compose cannot read the project any more once it has started services: they are back all the same", async () => {
    await start(FORMER);
    const real = on(host, "usr/local/bin/docker.away");
    const undo = wrapProgram(host, "docker", `case $* in *config*) exit 1 ;; esac\nexec "${real}" "$@"`);
    await fails(UNHEALTHY, 32, "failed services web; put back");
    undo();
    assert.equal(host.readEnv("app"), FORMER);
    assert.deepEqual(await environments(), FORMER_WORLD);
  });

  it("32: a service does not become healthy: file and services are back", async () => {
    await start(FORMER);
    await fails(UNHEALTHY, 32, "failed services web; put back");
    assert.equal(host.readEnv("app"), FORMER);
    assert.deepEqual(await environments(), FORMER_WORLD);
    assert.equal(record(host, "pending"), undefined);
    assert.match(await observe(host), /^pending no$/m);
    assert.equal((await apply(host, BETTER)).code, 0);
    assert.equal(readFileSync(join(host.dir("app"), ".env.previous"), "utf8"), FORMER);
  });

  it("32: a service that never gets healthy within the target's time", async () => {
    const slow = COMPOSE.replace("exit 1 ;;", "sleep 60 ;;").replace(
      "interval: 50ms",
      "interval: 50ms\n      timeout: 60s",
    );
    await start(FORMER, { timeout: 1 }, slow);
    await fails(UNHEALTHY, 32, "failed services web; put back");
    assert.deepEqual(await environments(), FORMER_WORLD);
  });

  it("32: without a former file the new one is removed", async () => {
    await start(undefined);
    await fails(UNHEALTHY, 32, "failed services web; nothing to put back");
    assert.deepEqual(targetFiles(host), ["compose.yaml"]);
    assert.equal(record(host, "pending"), undefined);
  });

  it("34: services that ran without a file cannot run without it now", async () => {
    await start(undefined, {}, COMPOSE.replace("env_file: .env", "environment: [WEB_PASSWORD]"));
    assert.equal((await apply(host, BETTER)).code, 0);
    host.writeEnv("app", undefined);
    writeFileSync(join(host.dir("app"), "compose.yaml"), COMPOSE);
    await fails(UNHEALTHY, 34, "failed services web; nothing to put back, services not back");
    assert.equal(host.readEnv("app"), undefined);
    assert.equal((await apply(host, BETTER)).code, 0);
  });

  const ACTION = `#!/bin/sh
# reads a variable only once, as Grafana does: this is the way to tell it a later value
grep -q 'WEB_PASSWORD=refused' .env && exit 1
cat .env >> ../action-ran
echo "$1" > ../action-target
`;

  it("33: the action after the apply fails: file and services are back, and it runs again with them", async () => {
    await start(FORMER, { postApply: ACTION });
    const ran = join(host.dir("app"), "../action-ran");
    assert.equal(readFileSync(ran, "utf8"), FORMER);
    assert.equal(readFileSync(join(host.dir("app"), "../action-target"), "utf8"), "app\n");
    await fails("WEB_PASSWORD=refused\nQUEUE_PASSWORD=new\n", 33, "failed post-apply; put back");
    assert.equal(readFileSync(ran, "utf8"), FORMER + FORMER);
    assert.deepEqual(await environments(), FORMER_WORLD);
    assert.equal(record(host, "pending"), undefined);
  });

  it("the action runs after a change and not without one", async () => {
    await start(FORMER, { postApply: ACTION });
    const ran = join(host.dir("app"), "../action-ran");
    assert.equal((await apply(host, FORMER)).code, 0);
    assert.equal(readFileSync(ran, "utf8"), FORMER);
    assert.equal((await apply(host, BETTER)).code, 0);
    assert.equal(readFileSync(ran, "utf8"), FORMER + BETTER);
  });

  it("33: an action that also fails with the former file stays pending and is made up for", async () => {
    await start(FORMER, { postApply: ACTION });
    const action = on(host, "usr/local/sbin/after-app");
    const undo = writeOver(action, "#!/bin/sh\nexit 1\n");
    await fails(BETTER, 33, "failed post-apply; put back");
    assert.match(await observe(host), /^pending yes$/m);
    undo();
    assert.match((await apply(host, FORMER)).stdout, /^applied /);
    assert.equal(record(host, "pending"), undefined);
  });

  it("36: somebody edits the file while its services start: not said to be applied, and left as it is", async () => {
    await start(FORMER, { postApply: ACTION });
    const undo = writeOver(on(host, "usr/local/sbin/after-app"), "#!/bin/sh\necho BY_HAND=1 >> .env\n");
    await fails(BETTER, 36, "failed edited-meanwhile");
    undo();
    assert.equal(host.readEnv("app"), `${BETTER}BY_HAND=1\n`);
    assert.equal(record(host, "pending"), undefined);
    assert.match(record(host, "applied") ?? "", new RegExp(` ${createHash("sha256").update(BETTER).digest("hex")}$`));
    assert.match(await observe(host), /^name BY_HAND$/m);
  });

  it("34: the former services do not come back: the next apply makes up for it", async () => {
    await start(FORMER);
    const real = on(host, "usr/local/bin/docker.away");
    const undo = wrapProgram(host, "docker", `case $* in *" up "*) exit 1 ;; esac\nexec "${real}" "$@"`);
    await fails(BETTER, 34, "failed services; put back, services not back");
    assert.equal(host.readEnv("app"), FORMER);
    assert.match(await observe(host), /^pending yes$/m);
    undo();
    assert.match((await apply(host, FORMER)).stdout, /^applied /);
    assert.equal(record(host, "pending"), undefined);
    assert.deepEqual(await environments(), FORMER_WORLD);
  });

  it("34: Docker's daemon goes away in between", async () => {
    await start(FORMER);
    const real = on(host, "usr/local/bin/docker.away");
    const said = "Cannot connect to the Docker daemon";
    const undo = wrapProgram(
      host,
      "docker",
      `case $* in *" up "*) touch "$0.gone" ;; esac\n[ ! -e "$0.gone" ] || case $* in *config*) ;; *) echo "${said}" >&2; exit 1 ;; esac\nexec "${real}" "$@"`,
    );
    await fails(BETTER, 34, "failed services; put back, services not back");
    undo();
    assert.deepEqual(await environments(), FORMER_WORLD);
    assert.equal((await apply(host, BETTER)).code, 0);
  });

  // Every tool of the way to the swap fails once, as on a full disk or a read-only file system.
  for (const tool of ["mkdir", "head", "cat", "sync", "chown", "chmod", "ln", "mv", "sha256sum"]) {
    it(`30: ${tool} cannot write`, async () => {
      await start(FORMER);
      const before = [
        await started(),
        listing(host.dir("app")).filter((file) => JSON.stringify(file).includes('".env"')),
      ];
      const undo = wrapProgram(host, tool, `[ ${tool} != cat ] || dd bs=10 count=1 2>/dev/null; exit 1`);
      await fails(BETTER, 30, "failed write");
      undo();
      assert.deepEqual(
        [await started(), listing(host.dir("app")).filter((file) => JSON.stringify(file).includes('".env"'))],
        before,
      );
      assert.deepEqual(
        targetFiles(host).filter((name) => name.includes("p24")),
        [],
      );
      assert.equal((await apply(host, BETTER)).code, 0);
    });
  }

  it("30: no room for the signature, which is not to be taken for a wrong one", async () => {
    await start(FORMER);
    const undo = wrapProgram(
      host,
      "base64",
      `case $(readlink /proc/$$/fd/1) in */signature) exit 1 ;; esac\nexec /usr/bin/base64 "$@"`,
    );
    await fails(BETTER, 30, "failed write");
    undo();
    assert.equal((await apply(host, BETTER)).code, 0);
  });

  it("30: the new file cannot be read back, so the present one's digest is not taken for its", async () => {
    await start(FORMER);
    const undo = wrapProgram(
      host,
      "sha256sum",
      `[ $# -eq 2 ] || exec /usr/bin/sha256sum "$@"\n/usr/bin/sha256sum "$2"\nexit 1`,
    );
    await fails(BETTER, 30, "failed write");
    undo();
    assert.equal(host.readEnv("app"), FORMER);
    assert.equal((await apply(host, BETTER)).code, 0);
    assert.equal(host.readEnv("app"), BETTER);
  });

  it("30: only the last rename fails", async () => {
    await start(FORMER);
    const undo = wrapProgram(host, "mv", `case $3 in */.env) exit 1 ;; esac\nexec /bin/mv "$@"`);
    await fails(BETTER, 30, "failed write");
    undo();
    assert.equal(host.readEnv("app"), FORMER);
    assert.equal(record(host, "pending"), undefined);
    assert.ok(!existsSync(join(host.dir("app"), ".env.p24-new")));
  });

  it("34: even the way back cannot be written", async () => {
    await start(FORMER);
    const undo = wrapProgram(
      host,
      "mv",
      `case $2 in *.env.p24-link) case $3 in */.env) exit 1 ;; esac ;; esac\nexec /bin/mv "$@"`,
    );
    await fails(UNHEALTHY, 34, "failed services; not put back");
    undo();
    assert.match(await observe(host), /^pending yes$/m);
    await fails(UNHEALTHY, 32, "failed services web; put back");
    assert.equal(host.readEnv("app"), FORMER);
  });
});
