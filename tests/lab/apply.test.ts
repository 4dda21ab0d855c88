/**
 * Safe apply on real Docker and Compose: whatever goes wrong on the way, the former file is back, and the services answer what
 * they answered before. Containers that had nothing to restart keep their start times. Services are asked over HTTP in their
 * own network. What it does not prove: the caller's side (tests/lab/program.test.ts), kills (tests/sandbox/host/killed.test.ts).
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import {
  applied,
  apply,
  ask,
  askProcess,
  observe,
  restartedSince,
  setTarget,
  startTimes,
  useLab,
} from "./support/host.js";

/** Each service answers with what it was started with. `web` is healthy only when it really answers. */
const COMPOSE = `
services:
  web:
    image: 127.0.0.1:1/example/web:1
    environment: [WEB_PASSWORD]
    command: &serve
      - sh
      - -c
      - mkdir -p /www; echo "$\${WEB_PASSWORD-}$\${QUEUE_PASSWORD-}" >/www/index.html; exec httpd -f -p 80 -h /www
    stop_grace_period: 0s
    healthcheck:
      test: ["CMD-SHELL", "case $$(busybox wget -q -O - http://127.0.0.1) in '' | *unhealthy*) exit 1 ;; esac"]
      retries: 2
  worker:
    image: 127.0.0.1:1/example/web:1
    environment: [QUEUE_PASSWORD]
    command: *serve
    stop_grace_period: 0s
  clock:
    image: 127.0.0.1:1/example/web:1
    command: *serve
    stop_grace_period: 0s
`;
const FORMER = "WEB_PASSWORD=former\nQUEUE_PASSWORD=former\n";
const BETTER = "WEB_PASSWORD=better\nQUEUE_PASSWORD=former\n";

describe("safe apply with real Docker", () => {
  const lab = useLab(COMPOSE);
  const on = (path: string) => lab().host.path(`/opt/p24-infra/app/${path}`);
  const answers = async () => ({
    web: await ask(lab(), "web"),
    worker: await ask(lab(), "worker"),
    clock: await ask(lab(), "clock"),
  });
  const FORMER_ANSWERS = { web: "former", worker: "former", clock: "" };

  before(async () => {
    await applied(lab(), FORMER);
  });

  beforeEach(async () => {
    const { code, stderr } = await apply(lab(), FORMER);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(await answers(), FORMER_ANSWERS);
  });

  /** The apply fails with this word, and afterwards everything is as before; says which containers were started anew. */
  async function fails(env: string, code: number, word: string): Promise<string[]> {
    const before = await startTimes(lab());
    const ended = await apply(lab(), env);
    assert.deepEqual(ended, { code, stdout: "", stderr: `p24-host: ${word}\n` });
    assert.equal(lab().host.readEnv(), FORMER);
    assert.deepEqual(await answers(), FORMER_ANSWERS);
    assert.match(await observe(lab()), /^pending no$/m);
    return await restartedSince(lab(), before);
  }

  async function withCompose(text: string, step: () => Promise<void>): Promise<void> {
    const former = readFileSync(on("compose.yaml"), "utf8");
    writeFileSync(on("compose.yaml"), text);
    try {
      await step();
    } finally {
      writeFileSync(on("compose.yaml"), former);
    }
  }

  it("a rotation is there, and the file before it is kept", async () => {
    const before = await startTimes(lab());
    await applied(lab(), BETTER);
    assert.deepEqual(await answers(), { ...FORMER_ANSWERS, web: "better" });
    assert.deepEqual(await restartedSince(lab(), before), ["web"]);
    assert.equal(readFileSync(on(".env.previous"), "utf8"), FORMER);
  });

  it("the Compose file is no YAML: nothing is started anew", async () => {
    await withCompose("services: [", async () => {
      assert.deepEqual(await fails(BETTER, 31, "failed compose-config; put back"), []);
    });
  });

  it("the Compose file wants a name that the new file has not: nothing is started anew", async () => {
    await withCompose(COMPOSE.replace("[WEB_PASSWORD]", '["WEB_PASSWORD=${WEB_PASSWORD:?}"]'), async () => {
      assert.deepEqual(await fails("QUEUE_PASSWORD=new\n", 31, "failed compose-config; put back"), []);
    });
  });

  it("a service is not healthy with the new value: only what had to be is started anew", async () => {
    const env = "WEB_PASSWORD=unhealthy\nQUEUE_PASSWORD=former\n";
    assert.deepEqual(await fails(env, 32, "failed services web; put back"), ["web"]);
  });

  it("a service ends at once with the new value", async () => {
    await withCompose(COMPOSE.replace("mkdir", 'test "$$$$QUEUE_PASSWORD" != broken || exit 3; mkdir'), async () => {
      const { code, stderr } = await apply(lab(), FORMER);
      assert.deepEqual([code, stderr], [0, ""]);
      const env = "WEB_PASSWORD=former\nQUEUE_PASSWORD=broken\n";
      assert.deepEqual(await fails(env, 32, "failed services worker; put back"), ["worker"]);
    });
  });

  it("a service's image is missing: nothing is started anew", async () => {
    await withCompose(COMPOSE.replaceAll("web:1", "web:${TAG:-1}"), async () => {
      assert.deepEqual(await fails(`${FORMER}TAG=2\n`, 32, "failed services; put back"), []);
    });
  });

  it("the action after the apply fails: the former value is back in every service", async () => {
    const action = "#!/bin/sh\ngrep -q better .env && exit 1\nexit 0\n";
    await lab().host.machine.must(
      ["sh", "-c", "cat >/usr/local/sbin/after-app; chmod 755 /usr/local/sbin/after-app"],
      action,
    );
    await setTarget(lab(), 20, "/usr/local/sbin/after-app");
    try {
      assert.deepEqual(await fails(BETTER, 33, "failed post-apply; put back"), ["web"]);
    } finally {
      await setTarget(lab(), 20);
    }
  });

  it("Docker's daemon is down: nothing is touched, and the services go on answering", async () => {
    const { pid } = (await lab().host.services()).find(({ name }) => name === "web") ?? {};
    assert.ok(pid);
    const before = await startTimes(lab());
    await lab().host.setDaemon(false);
    const ended = await apply(lab(), BETTER);
    assert.deepEqual(ended, { code: 35, stdout: "", stderr: "p24-host: failed tools docker\n" });
    assert.equal(lab().host.readEnv(), FORMER);
    assert.equal(await askProcess(lab(), pid), "former");
    assert.ok(!existsSync(on(".env.p24-new")));
    await lab().host.setDaemon(true);
    assert.deepEqual(await restartedSince(lab(), before), []);
  });
});
