/**
 * Proves, in the runtime that Cloudflare runs, that each hostile token is refused for its own reason, that the caller learns
 * nothing of the reason, that nothing of the token is logged, and that nothing is sent to Cloudflare. The issuer is a stand-in
 * with keys of its own; GitHub's real tokens were not at hand.
 */
import assert from "node:assert/strict";

import { useGateway } from "./support/gateway.js";
import { HOSTILE } from "./support/hostile.js";

describe("a hostile token", () => {
  const bench = useGateway();
  let refusal = "";

  before(async () => {
    const answer = await bench().send({ headers: { authorization: undefined } });
    refusal = JSON.stringify([answer.status, answer.body, Object.keys(answer.headers).sort()]);
    await bench().settle(1);
  });

  it("is nothing that the right one is: that one is let in", async () => {
    const answer = await bench().send();
    assert.equal(answer.status, 200);
    assert.equal((await bench().line())["event"], "forwarded");
    assert.equal(bench().forwarded.length, 1);
  });

  for (const [group, rows] of Object.entries(HOSTILE)) {
    describe(group, () => {
      for (const [title, reason, forge] of rows) {
        it(`${title}: ${reason}`, async () => {
          if (reason === "jwt.kid.unknown") {
            // A new isolate: within seconds of another unknown kid it is only put off, and that is shown elsewhere.
            await bench().runtime.restart();
          }
          const authorization = forge(bench());
          const answer = await bench().send({ headers: { authorization } });
          const line = await bench().line();

          assert.equal(line["reason"], reason);
          assert.equal(line["event"], "refused");
          assert.equal(JSON.stringify([answer.status, answer.body, Object.keys(answer.headers).sort()]), refusal);
          assert.equal(answer.headers["cache-control"], "no-store");
          assert.deepEqual(bench().forwarded, []);
          assertNothingOf(authorization, bench().logged.join("\n"));
        });
      }
    });
  }
});

/** No part of a token is in the log: of each of its parts no 16 characters in a row. */
function assertNothingOf(authorization: string | undefined, log: string): void {
  for (const part of (authorization ?? "").replace(/^Bearer /, "").split(".")) {
    for (let at = 0; at + 16 <= part.length; at += 8) {
      assert.ok(!log.includes(part.slice(at, at + 16)), "a part of the token is in the log");
    }
  }
}
