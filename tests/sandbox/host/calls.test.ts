/**
 * How many programs the host program starts: they are most of what it costs, and an `up` pays them once a host. The Docker
 * behind them is one of the test's own that takes no time.
 */
import { strict as assert } from "node:assert";

import type { Interrupter } from "../../support/interrupter.js";
import { startInterruptible } from "./interrupted.js";
import { type Ran, runProgram, type TestHost } from "./support.js";

/** Each is started by a fork and loads itself; what is above these numbers has to be worth it. */
const MOST = { apply: 47, observe: 20 };

describe("host program: what it starts", () => {
  let host: TestHost;
  let interrupter: Interrupter<Ran>;
  before(async () => {
    ({ host, interrupter } = await startInterruptible());
    await interrupter.run("WEB_PASSWORD=first\n");
  });
  after(() => host.close());

  const count = (calls: readonly string[], tool: string) => calls.filter((call) => call.startsWith(`${tool} `)).length;

  it(`an apply that replaces the file: at most ${String(MOST.apply)}, none of them twice for the same answer`, async () => {
    const calls = await interrupter.trace("WEB_PASSWORD=second\n");
    assert.ok(calls.length <= MOST.apply, calls.join("\n"));
    assert.equal(count(calls, "age"), 1);
    assert.equal(count(calls, "age-keygen"), 0, "age has opened the payload with the identity");
    assert.equal(
      count(calls, "sha256sum"),
      2,
      "the new and the present file at once, and the one in its place at the end",
    );
  });

  it(`an observation: at most ${String(MOST.observe)}`, async () => {
    const calls = await interrupter.traceOf(() => runProgram(host.program, ["observe", "app"]));
    assert.ok(calls.length <= MOST.observe, calls.join("\n"));
    assert.equal(count(calls, "age-keygen"), 1);
  });
});
