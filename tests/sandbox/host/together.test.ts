import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";

import { sealDraft } from "./seal.js";
import { apply, runProgram, startTestHost, targetFiles, type TestHost } from "./support.js";

const ONE = "WEB_PASSWORD=one\nQUEUE_PASSWORD=one\n";
const TWO = "WEB_PASSWORD='two\nlines'\nQUEUE_PASSWORD=one\n";

describe("host program: several at once", () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost();
    await applies(ONE);
  });
  afterEach(() => host.close());

  async function applies(text: string): Promise<void> {
    const { code, stderr } = await apply(host, text);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  }

  it("two at once take turns, and the last one counts", async () => {
    await applies(ONE);
    const [first, second] = [await sealDraft(host, ONE), await sealDraft(host, TWO)];
    const ran = await Promise.all([first, second].map((input) => runProgram(host.program, ["apply", "app"], input)));
    assert.ok(ran.every(({ code, stderr }) => code === 0 || stderr === "p24-host: refused serial\n"));
    assert.equal(ran[1]?.code, 0);
    assert.equal(host.readEnv("app"), TWO);
    assert.deepEqual(targetFiles(host), [".env", ".env.previous", "compose.yaml"]);
  });

  it("a reader never sees a partial file, through ten changes", async () => {
    await applies(ONE);
    const reading = new AbortController();
    const seen = new Set<string | undefined>();
    const reader = (async () => {
      while (!reading.signal.aborted) {
        seen.add(host.readEnv("app"));
        await sleep(0);
      }
    })();
    for (let time = 0; time < 5; time += 1) {
      await applies(TWO);
      await applies(ONE);
    }
    reading.abort();
    await reader;
    assert.deepEqual(seen, new Set([ONE, TWO]));
  });
});
