/**
 * `kill -9` of the host program behind every step of docs/host-protocol.md, "Killed at any point", with real Docker and
 * Compose: the file is the old or the new one, whole, and nobody else's to read; the service answers; a bad apply goes back
 * to what was confirmed last; the next apply converges without help; no value lies about. Every single call, and what the
 * records say, is tests/sandbox/host/killed.test.ts's. Not shown: a power cut, which also takes what was not yet on the disk.
 */
import assert from "node:assert/strict";
import { lstatSync, readdirSync } from "node:fs";

import { canariesOf } from "../../sandbox/sweep/canaries.js";
import { Searcher } from "../../core/search/searcher.js";
import type { Ended } from "../../lab/machine.js";
import type { Interrupter, Victim } from "../support/interrupter.js";
import { until } from "../support/until.js";
import { ANSWERING, freshEnv } from "./support/answering.js";
import { answerOf, apply, ask, useLab } from "./support/host.js";
import { interruptLab } from "./support/interrupted.js";
import { findingsOn } from "./support/search.js";

/** Step, who dies, and the call at which: the tool with its second and its third argument, and which one of several. */
const STEPS: readonly [behind: string, victim: Victim, call: string, nth?: number][] = [
  ["0, the payload was received", "everything", "openssl -verify -pubin"],
  ["1, the new file is written", "everything", "sha256sum .env "],
  ["2, the names", "everything", "mv serial.new serial"],
  ["3, the serial", "everything", "ln .env.p24-link "],
  ["4, the second name of the former file", "everything", "mv pending.new pending"],
  ["5, what a failure goes back to", "everything", "mv .env.p24-new .env"],
  ["5, in the midst of the rename", "program", "mv .env.p24-new .env"],
  ["6, the rename", "everything", "docker --project-directory app"],
  ["7, while Compose starts services", "program", "docker --project-directory app"],
  ["7, the services are up", "everything", "mv names.new names", 2],
  ["8, the new names", "everything", "mv applied.new applied"],
  ["9, what was applied", "everything", "rm pending "],
];

describe("the host program, killed on a real machine", () => {
  const lab = useLab(ANSWERING);
  const values: string[] = [];
  const printed: string[] = [];
  let interrupter: Interrupter<Ended>;
  let calls: readonly string[] = [];
  let confirmed = fresh();

  function fresh(word?: string) {
    const made = freshEnv(word);
    values.push(made.value);
    return made;
  }

  async function run(env: string): Promise<Ended> {
    const ran = await interrupter.run(env);
    printed.push(ran.stdout, ran.stderr);
    return ran;
  }

  async function converges({ env, value }: typeof confirmed): Promise<void> {
    const { code, stdout, stderr } = await run(env);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^(applied|unchanged) \d+ (?:as-applied|other|none)\n$/);
    assert.equal(lab().host.readEnv(), env);
    assert.equal(await ask(lab(), "web"), value);
    const { directory, root } = lab().host;
    const files = [".env", ".env.previous", "compose.override.yaml", "compose.yaml"];
    assert.deepEqual(readdirSync(`${root}${directory}`).sort(), files);
    assert.deepEqual(readdirSync(`${root}/var/lib/p24-host/app`).sort(), ["applied", "names", "serial"]);
  }

  /** Where the call is in the trace of an undisturbed apply, counted from 1. */
  function indexOf(call: string, nth: number): number {
    const found = calls.flatMap((line, index) => (line === call ? [index + 1] : []));
    assert.ok(found[nth - 1], `no call "${call}" number ${nth} among:\n${calls.join("\n")}`);
    return found[nth - 1] ?? 0;
  }

  before(async function () {
    this.timeout(60_000);
    interrupter = await interruptLab(lab().host, (env) => apply(lab(), env));
    assert.equal((await run(fresh().env)).code, 0);
    calls = await interrupter.trace(confirmed.env);
    await converges(confirmed);
  });

  for (const [behind, victim, call, nth = 1] of STEPS) {
    it(`behind step ${behind}`, async () => {
      const next = fresh();
      const { ran } = await interrupter.apply(next.env, indexOf(call, nth), victim);
      printed.push(ran.stdout, ran.stderr);
      assert.deepEqual([ran.code, ran.stdout, ran.stderr], [null, "", ""], "it was killed");
      const now = lab().host.readEnv();
      assert.ok(now === confirmed.env || now === next.env, "a whole file");
      const { mode, uid } = lstatSync(lab().host.path(`${lab().host.directory}/.env`));
      assert.deepEqual([(mode & 0o777).toString(8), uid], ["600", 0]);
      const answers = async () => [confirmed.value, next.value].includes((await answerOf(lab(), "web")) ?? "");
      if (victim === "program" && call.startsWith("docker ")) {
        await until("Compose, which goes on alone and replaces the service, has it answer", answers);
      } else {
        assert.ok(await answers(), "the service answers");
      }
      if (now === next.env) {
        assert.equal((await run(fresh("bad").env)).stderr, "p24-host: failed services web; put back\n");
        assert.equal(lab().host.readEnv(), confirmed.env);
        assert.equal(await ask(lab(), "web"), confirmed.value);
      }
      await converges(next);
      confirmed = next;
    });
  }

  it("no value was printed or lies about, and a planted one is found", async () => {
    const searcher = new Searcher(canariesOf(values.map((value) => ({ secret: "app/web", value }))));
    assert.deepEqual(
      printed.flatMap((text) => searcher.find(Buffer.from(text))),
      [],
    );
    assert.deepEqual(await findingsOn(lab().host, searcher), []);
    await lab().host.machine.must(["tee", "/run/planted"], Buffer.from(values[0] ?? "").toString("base64"));
    assert.deepEqual(await findingsOn(lab().host, searcher), ["/run/planted: app/web (base64 (offset 0))"]);
  });
});
