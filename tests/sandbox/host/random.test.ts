import { strict as assert } from "node:assert";
import { chmodSync } from "node:fs";
import { join } from "node:path";

import { generator, SEED } from "../../support/random.js";
import { interrupt } from "./interrupted.js";
import { mode, record, startTestHost, targetFiles } from "./support.js";

/** `npm run lab` asks for 1,000. */
const OPERATIONS = Number(process.env["P24_OPERATIONS"] ?? 40);

describe("host program: random operations against a model", () => {
  it(`${String(OPERATIONS)} operations, P24_SEED=${String(SEED)}`, async function () {
    this.timeout(600_000);
    const random = generator(SEED);
    const host = await startTestHost();
    const interrupter = interrupt(host);
    /** What the file holds, and what a failure has to go back to. They differ while an interrupted apply is unconfirmed. */
    let file: string | undefined;
    let base: string | undefined;
    let counter = 0;
    const text = (word: string) =>
      `WEB_PASSWORD=${word}${String((counter += 1))}\nQUEUE_PASSWORD='q\n${String(counter)}'\n`;

    const operations: [name: string, run: () => Promise<void>][] = [
      [
        "good",
        async () => {
          const next = random(3) === 0 && file !== undefined && !file.includes("bad") ? file : text("good");
          const { code, stderr } = await interrupter.run(next);
          assert.deepEqual([code, stderr], [0, ""]);
          file = base = next;
          assert.equal(record(host, "pending"), undefined);
          assert.deepEqual(
            targetFiles(host).filter((name) => name !== ".env.previous"),
            [".env", "compose.yaml"],
          );
        },
      ],
      [
        "bad",
        async () => {
          const { stderr } = await interrupter.run(text("bad"));
          // A file that a person spoilt is no better when it is back.
          const back = base?.includes("bad") === true ? ", services not back" : "";
          const done = base === undefined ? "nothing to put back" : "put back";
          assert.equal(stderr, `p24-host: failed services; ${done}${back}\n`);
          file = base;
        },
      ],
      [
        "kill",
        async () => {
          const next = text(random(3) === 0 ? "bad" : "good");
          const former = file;
          await interrupter.apply(next, 1 + random(64), random(2) === 0 ? "program" : "everything");
          file = host.readEnv("app");
          assert.ok(file === next || file === former || file === base, "a whole file");
          if (file === next && record(host, "pending") === undefined) {
            base = next;
          }
        },
      ],
      [
        "edit",
        () => {
          file = base = text(random(6) === 0 ? "bad" : "hand");
          host.writeEnv("app", file);
          return Promise.resolve();
        },
      ],
      [
        "delete",
        () => {
          host.writeEnv("app", (file = base = undefined));
          return Promise.resolve();
        },
      ],
      [
        "mode",
        () => {
          if (file !== undefined) {
            chmodSync(join(host.dir("app"), ".env"), 0o644);
          }
          return Promise.resolve();
        },
      ],
    ];
    const story: string[] = [];
    try {
      for (let step = 0; step < OPERATIONS; step += 1) {
        const [name, run] = operations[[0, 0, 1, 1, 2, 2, 2, 3, 4, 5][random(10)] ?? 0] ?? [];
        story.push(name ?? "");
        await run?.();
        assert.equal(host.readEnv("app"), file);
      }
      const last = text("good");
      assert.equal((await interrupter.run(last)).code, 0);
      assert.equal(host.readEnv("app"), last);
      assert.equal(mode(join(host.dir("app"), ".env")), "600");
    } catch (error) {
      throw new Error(`P24_SEED=${String(SEED)}: ${story.join(" ")}`, { cause: error });
    } finally {
      await host.close();
    }
  });
});
