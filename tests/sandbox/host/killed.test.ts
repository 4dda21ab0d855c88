import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Interrupter, Victim } from "../../support/interrupter.js";
import { samplesIn } from "../../support/textfile.js";
import { applyInterrupted, startInterruptible } from "./interrupted.js";
import {
  apply,
  listing,
  mode,
  observe,
  on,
  type Ran,
  record,
  startTestHost,
  targetFiles,
  type TestHost,
} from "./support.js";

const CONFIRMED = "WEB_PASSWORD=confirmed\nQUEUE_PASSWORD=confirmed\n";
const NEXT = "WEB_PASSWORD=next\nQUEUE_PASSWORD=next\nADDED=next\n";
const BAD = "WEB_PASSWORD=bad\nQUEUE_PASSWORD=bad\n";

/** All calls take two minutes: by default every tenth, from another one on in each run. */
const STEP = process.env["P24_EVERY_CALL"] === "1" ? 1 : 10;
const FIRST = 1 + Math.floor(Math.random() * STEP);
const CALLS = STEP === 1 ? "every call" : `every ${String(STEP)}th call from ${String(FIRST)} on`;

/**
 * `kill -9` of the host program at every call of a tool: "Killed at any point" of docs/host-protocol.md. The file is the
 * old or the new one, the records are honest, what fails next goes back to what was last confirmed, and the next apply
 * converges without help.
 */
describe("host program: killed at any point", () => {
  let host: TestHost;
  let interrupter: Interrupter<Ran>;
  before(async () => {
    ({ host, interrupter } = await startInterruptible());
  });
  after(() => host.close());

  async function applies(env: string): Promise<void> {
    const { code, stderr } = await interrupter.run(env);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assertSettled(env);
    const metrics = samplesIn(readFileSync(on(host, "var/lib/prometheus/node-exporter/p24-host-app.prom"), "utf8"));
    assert.deepEqual([metrics["last_attempt_exit_code"], metrics["file_as_applied"]], [0, 1]);
  }

  function assertSettled(env: string): void {
    assert.equal(host.readEnv("app"), env);
    assert.equal(record(host, "pending"), undefined);
    assert.equal(record(host, "names"), [...env.matchAll(/^(\w+)=/gm)].map(([, name]) => name).join("\n"));
    assert.deepEqual(
      targetFiles(host).filter((name) => name !== ".env.previous"),
      [".env", "compose.yaml"],
    );
    const records = listing(on(host, "var/lib/p24-host/app")).map((file) => (file as { name: string }).name);
    assert.deepEqual(records, ["applied", "names", "serial"]);
  }

  /** The state right after the kill. Tells whether the new file counts as confirmed. */
  function assertHonest(serialBefore: number): boolean {
    const env = host.readEnv("app");
    assert.ok(env === CONFIRMED || env === NEXT, `a whole file: ${String(env)}`);
    assert.equal(mode(join(host.dir("app"), ".env")), "600");
    const names = record(host, "names")?.split("\n") ?? [];
    for (const [, name] of env.matchAll(/^(\w+)=/gm)) {
      assert.ok(names.includes(name ?? ""), `${String(name)} is recorded as ours`);
    }
    if (env === NEXT) {
      assert.ok(Number(record(host, "serial")) > serialBefore, "the serial cannot be played again");
    }
    return env === NEXT && record(host, "pending") === undefined;
  }

  /** From the confirmed file to the next one, with a kill at one call. Tells whether the next one counts as confirmed. */
  async function kill(at: number, victim: Victim): Promise<"confirmed" | "open" | "no such call"> {
    await applies(CONFIRMED);
    const serial = Number(record(host, "serial"));
    const { ran, calls } = await interrupter.apply(NEXT, at, victim);
    if (calls < at) {
      assert.equal(ran.code, 0);
      return "no such call";
    }
    assert.deepEqual([ran.signal, ran.stderr], ["SIGKILL", ""]);
    return assertHonest(serial) ? "confirmed" : "open";
  }

  for (const victim of ["program", "everything"] as const) {
    it(`at ${CALLS}, ${victim} dies: a bad apply goes back, then a good one converges`, async function () {
      this.timeout(240_000);
      for (let at = FIRST; ; at += STEP) {
        const left = await kill(at, victim);
        if (left === "no such call") {
          assert.ok(at > 40, `${String(at)} calls`);
          break;
        }
        assert.equal((await interrupter.run(BAD)).stderr, "p24-host: failed services; put back\n");
        assert.equal(host.readEnv("app"), left === "confirmed" ? NEXT : CONFIRMED, `call ${String(at)}`);
        await applies(NEXT);
      }
    });
  }

  it(`at ${CALLS}: the next apply keeps the last confirmed file as the former one`, async function () {
    this.timeout(240_000);
    for (let at = FIRST; ; at += STEP) {
      const left = await kill(at, "everything");
      if (left === "no such call") {
        break;
      }
      await applies(NEXT);
      if (left === "open") {
        assert.equal(readFileSync(join(host.dir("app"), ".env.previous"), "utf8"), CONFIRMED, `call ${String(at)}`);
      }
    }
  });

  it(`without a former file, at ${CALLS}: a bad apply leaves none, then a good one converges`, async function () {
    this.timeout(240_000);
    for (let at = FIRST; ; at += STEP) {
      host.writeEnv("app", undefined);
      const { calls } = await interrupter.apply(NEXT, at, "everything");
      if (calls < at) {
        break;
      }
      const settled = record(host, "pending") === undefined && host.readEnv("app") === NEXT;
      assert.ok([undefined, NEXT].includes(host.readEnv("app")));
      const back = await interrupter.run(BAD);
      assert.equal(back.stderr, `p24-host: failed services; ${settled ? "put back" : "nothing to put back"}\n`);
      assert.equal(host.readEnv("app"), settled ? NEXT : undefined, `call ${String(at)}`);
      await applies(NEXT);
    }
  });

  it(`right after the rename, and again at ${CALLS}: back to the last confirmed file`, async function () {
    this.timeout(240_000);
    const rename = await callOfTheRename();
    for (let at = FIRST; ; at += STEP) {
      await applies(NEXT);
      assert.equal(await kill(rename, "everything"), "open");
      assert.equal(host.readEnv("app"), NEXT);
      const { calls } = await interrupter.apply(BAD, at, "everything");
      if (calls < at) {
        break;
      }
      assert.equal((await interrupter.run(BAD)).stderr, "p24-host: failed services; put back\n");
      assert.equal(host.readEnv("app"), CONFIRMED, `call ${String(at)}`);
    }
  });

  /** The call behind the one that puts the new file in its place. */
  async function callOfTheRename(): Promise<number> {
    await applies(NEXT);
    await applies(CONFIRMED);
    return (await interrupter.trace(NEXT)).indexOf("mv .env.p24-new .env") + 2;
  }
});

describe("host program: killed at random times, with services", () => {
  it("converges each time", async function () {
    this.timeout(120_000);
    const host = await startTestHost();
    const texts = [CONFIRMED, NEXT];
    try {
      assert.equal((await apply(host, CONFIRMED)).code, 0);
      for (let time = 0; time < 8; time += 1) {
        const text = texts[(time + 1) % 2] ?? "";
        await applyInterrupted(host, text, 20 + time * 30);
        const env = host.readEnv("app");
        assert.ok(env === CONFIRMED || env === NEXT);
        const { code, stderr } = await apply(host, text);
        assert.deepEqual([code, stderr], [0, ""]);
        assert.equal(host.readEnv("app"), text);
        const web = (await host.services("app")).find(({ name }) => name === "web");
        assert.equal(web?.env["WEB_PASSWORD"], /WEB_PASSWORD=(.*)/.exec(text)?.[1]);
        assert.deepEqual([web?.state, web?.health], ["running", "healthy"]);
        assert.match(await observe(host), /^pending no$/m);
        assert.deepEqual(targetFiles(host), [".env", ".env.previous", "compose.yaml"]);
      }
      assert.deepEqual(host.docker.refused, []);
    } finally {
      await host.close();
    }
  });
});
