/**
 * Proves in the real runtime how the issuer's keys are got and kept: outage, rotation, random kids. What depends on minutes
 * and hours is proved with a clock of its own in tests/unit/gateway/jwks.test.ts.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { useGateway } from "./support/gateway.js";

describe("the issuer's keys", () => {
  const bench = useGateway();
  // A new isolate, which has fetched nothing.
  beforeEach(() => bench().runtime.restart());

  for (const fault of ["status 500", "no JSON", "dropped"] as const) {
    it(`cannot be had (${fault}): nobody is let in`, async () => {
      bench().issuer.fault = fault;
      const refused = await bench().send();
      const line = await bench().line();
      assert.deepEqual([refused.status, line["reason"]], [503, "issuer.unavailable"]);
      assert.deepEqual(bench().forwarded, []);
    });
  }

  it("can be had again: everybody is let in, after the pause of two seconds that is the Worker's own", async () => {
    bench().issuer.fault = "dropped";
    assert.equal((await bench().send()).status, 503);
    bench().issuer.fault = undefined;
    while ((await bench().send()).status === 503) {
      await sleep(200);
    }
    assert.deepEqual([bench().forwarded.length, bench().issuer.asked], [1, 2]);
  });

  it("cannot be had any more: those that are there go on", async () => {
    await bench().send();
    bench().issuer.fault = "status 500";
    for (let turn = 0; turn < 5; turn += 1) {
      assert.equal((await bench().send()).status, 200);
    }
    assert.equal(bench().issuer.asked, 1);
  });

  it("cannot be had for an unknown kid: only that one is refused", async () => {
    await bench().send();
    const old = bench().bearer();
    bench().issuer.fault = "status 500";
    bench().issuer.rotate();
    const answers = [await bench().send(), await bench().send({ headers: { authorization: old } })];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 200],
    );
  });

  it("are rotated while a hundred requests are on their way: each is let in, with one fetch", async () => {
    await bench().send();
    const old = bench().bearer();
    bench().issuer.rotate();
    const sent = Array.from({ length: 100 }, (_, index) =>
      bench().send({ headers: { authorization: index % 2 === 0 ? old : bench().bearer() } }),
    );
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    assert.deepEqual(new Set(statuses), new Set([200]));
    assert.equal(bench().issuer.asked, 2);
  });

  it("are fetched once by a hundred requests that come first", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => bench().send()));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.equal(bench().issuer.asked, 1);
  });

  it("are not fetched for each of a hundred kids that nobody knows, and a right one is not held up by them", async () => {
    await bench().send();
    const claims = bench().bearer();
    const kids = Array.from({ length: 100 }, (_, index) => ({
      ...bench().issuer.header,
      kid: `random-${String(index)}`,
    }));
    await Promise.all(
      kids.map((header) => bench().send({ headers: { authorization: `Bearer ${bench().issuer.sign("{}", header)}` } })),
    );
    await bench().settle(101);
    const reasons = new Set(bench().lines.map(({ reason }) => reason as string | undefined));
    assert.deepEqual(
      [...reasons].filter((reason) => reason !== "issuer.pause"),
      [undefined, "jwt.kid.unknown"],
    );
    assert.equal(bench().issuer.asked, 2, "once at first, once for all of them");
    assert.equal((await bench().send({ headers: { authorization: claims } })).status, 200);
  });

  it("are rotated while random kids come: who has the new one is told to come again, and is let in then", async () => {
    await bench().send();
    await bench().send({
      headers: { authorization: `Bearer ${bench().issuer.sign("{}", { ...bench().issuer.header, kid: "random" })}` },
    });
    bench().issuer.rotate();
    const first = await bench().send();
    assert.deepEqual([first.status, first.headers["retry-after"]], [503, "5"]);
    await bench().settle(3);
    assert.equal(bench().lines[2]?.["reason"], "issuer.pause");
    await sleep(5_000);
    assert.equal((await bench().send()).status, 200);
  });

  it("that GitHub withdraws are refused with the next fetch", async () => {
    await bench().send();
    const old = { headers: { authorization: bench().bearer() } };
    assert.equal((await bench().send(old)).status, 200);
    bench().issuer.rotate({ withdraw: true });
    assert.equal((await bench().send()).status, 200);
    bench().forwarded.length = 0;
    await bench().send(old);
    assert.deepEqual(bench().forwarded, []);
    await bench().settle(4);
    assert.equal(bench().lines[3]?.["reason"], "issuer.pause");
  });
});
