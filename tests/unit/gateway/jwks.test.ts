/** Proves with a clock of its own for how long the issuer's keys are kept, and how often they are fetched. */
import assert from "node:assert/strict";

import { createIssuerKeys, JWKS_URL } from "../../../gateway/jwks.js";
import { type Reason, Refusal } from "../../../gateway/refusal.js";
import { createIssuer, type Issuer } from "../../../sandbox/oidc/issuer.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The keys of an isolate that was just started. */
function start(issuer: Issuer) {
  const world = {
    nowMs: 1_700_000_000_000,
    fetched: 0,
    answer: (): Response | Promise<Response> => Response.json(issuer.jwks()),
  };
  const background: Promise<unknown>[] = [];
  const keys = createIssuerKeys({
    fetch: async (url, init) => {
      assert.deepEqual([url, init.redirect, init.cache], [JWKS_URL, "manual", "no-store"]);
      assert.ok(init.signal instanceof AbortSignal, "with a time-out");
      world.fetched += 1;
      return world.answer();
    },
    now: () => world.nowMs,
    wait: async (ms) => {
      world.nowMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  return {
    world,
    /** Whether a kid's key is found, or why not. */
    find: async (kid: unknown): Promise<"found" | Reason> => {
      try {
        await keys.find(String(kid), (work) => background.push(work));
        return "found";
      } catch (error) {
        assert.ok(error instanceof Refusal);
        return error.reason;
      }
    },
    /** Until what was begun in the background has ended. */
    settled: () => Promise.all(background),
  };
}

describe("the issuer's keys, over time", () => {
  const issuer = createIssuer();
  const { kid } = issuer.header;

  it("are fetched once and serve for ten minutes; then they serve while they are fetched again", async () => {
    const { world, find } = start(issuer);
    assert.equal(await find(kid), "found");
    world.nowMs += 10 * MINUTE - 1;
    assert.equal(await find(kid), "found");
    assert.equal(world.fetched, 1);
    world.nowMs += 1;
    world.answer = () => new Promise(() => undefined);
    assert.equal(await find(kid), "found", "does not wait for it");
    assert.equal(world.fetched, 2);
    world.answer = () => Response.json(issuer.jwks());
    world.nowMs += 30 * SECOND;
    await find(kid);
    assert.equal(world.fetched, 3, "a fetch that never ended is made again");
  });

  it("serve for an hour when GitHub does not answer, and not longer", async () => {
    const { world, find, settled } = start(issuer);
    await find(kid);
    world.answer = () => Promise.reject(new Error("down"));
    world.nowMs += 59 * MINUTE;
    assert.equal(await find(kid), "found");
    await settled();
    world.nowMs += MINUTE;
    assert.equal(await find(kid), "issuer.unavailable");
    world.nowMs += 2 * SECOND;
    world.answer = () => Response.json(issuer.jwks());
    assert.equal(await find(kid), "found");
  });

  it("are asked for every half a minute at most while GitHub does not answer and old ones serve", async () => {
    const { world, find, settled } = start(issuer);
    await find(kid);
    world.answer = () => new Response(null, { status: 500 });
    world.nowMs += 20 * MINUTE;
    for (let second = 0; second < 90; second += 1) {
      await find(kid);
      await settled();
      world.nowMs += SECOND;
    }
    assert.equal(world.fetched, 1 + 3);
  });

  it("are asked for every two seconds at most while there are none", async () => {
    const { world, find } = start(issuer);
    world.answer = () => new Response(null, { status: 500 });
    for (let tenth = 0; tenth < 100; tenth += 1) {
      assert.equal(await find(kid), "issuer.unavailable");
      world.nowMs += SECOND / 10;
    }
    assert.equal(world.fetched, 5);
  });

  it("are asked for every five seconds at most for kids that nobody knows", async () => {
    const { world, find } = start(issuer);
    await find(kid);
    const reasons = new Set<string>();
    for (let tenth = 0; tenth < 100; tenth += 1) {
      reasons.add(await find(`random-${String(tenth)}`));
      world.nowMs += SECOND / 10;
    }
    assert.deepEqual(reasons, new Set(["jwt.kid.unknown", "issuer.pause"]));
    assert.equal(world.fetched, 1 + 2);
    assert.equal(await find(kid), "found");
  });

  it("are not waited for when the request that fetches them never ends", async () => {
    const { world, find } = start(issuer);
    world.answer = () => new Promise(() => undefined);
    void find(kid);
    assert.equal(await find(kid), "issuer.unavailable", "after five seconds of this clock");
    world.answer = () => Response.json(issuer.jwks());
    assert.equal(await find(kid), "found");
  });

  const jwk = (issuer.jwks().keys as Record<string, unknown>[])[0] ?? {};
  const sets: readonly (readonly [title: string, answer: () => Response, found: "found" | Reason])[] = [
    ["a key for encryption", () => Response.json({ keys: [{ ...jwk, use: "enc" }] }), "issuer.unavailable"],
    ["a key for another algorithm", () => Response.json({ keys: [{ ...jwk, alg: "RS512" }] }), "issuer.unavailable"],
    ["a symmetric key", () => Response.json({ keys: [{ kty: "oct", k: "AAAA", kid }] }), "issuer.unavailable"],
    ["a short key", () => Response.json({ keys: [{ ...jwk, n: "AQAB".repeat(40) }] }), "issuer.unavailable"],
    ["a key without a name", () => Response.json({ keys: [{ ...jwk, kid: undefined }] }), "issuer.unavailable"],
    ["no keys", () => Response.json({ keys: [] }), "issuer.unavailable"],
    ["no list", () => Response.json({ keys: { [String(kid)]: jwk } }), "issuer.unavailable"],
    ["keys twice", () => new Response(`{"keys":[],"keys":${JSON.stringify([jwk])}}`), "issuer.unavailable"],
    ["a thousand keys", () => Response.json({ keys: Array.from({ length: 1000 }, () => jwk) }), "issuer.unavailable"],
    ["keys that come with another status", () => Response.json({ keys: [jwk] }, { status: 503 }), "issuer.unavailable"],
    ["100 KB", () => Response.json({ keys: [jwk], more: "x".repeat(100_000) }), "issuer.unavailable"],
    [
      "a redirection",
      () => new Response(null, { status: 302, headers: { location: "https://evil.test" } }),
      "issuer.unavailable",
    ],
    [
      "one unusable key beside ours",
      () => Response.json({ keys: [null, { kty: "EC" }, { ...jwk, kid: "a", e: "?" }, jwk] }),
      "found",
    ],
  ];
  for (const [title, answer, found] of sets) {
    it(`${title}: ${found}`, async () => {
      const { world, find } = start(issuer);
      world.answer = answer;
      assert.equal(await find(kid), found);
    });
  }
});
