/** Proves what becomes of an API that cannot be reached; its answers are shown by tests/gateway/calls.test.ts. */
import assert from "node:assert/strict";

import { createApi } from "../../../gateway/api.js";
import { Refusal } from "../../../gateway/refusal.js";

const zone = { id: "0".repeat(32), name: "example.com" };

describe("Cloudflare's API", () => {
  const refusedWith = (reason: string) => (error: unknown) => error instanceof Refusal && error.reason === reason;

  it("that cannot be reached is said to be unavailable, with nothing of the library's error", async () => {
    const api = createApi(() => Promise.reject(new Error("canary")), "credential", zone);
    await assert.rejects(api.read({ kind: "zone", method: "GET" }), (error: unknown) => {
      assert.ok(refusedWith("api.unavailable")(error));
      return !String((error as Error).stack).includes("canary");
    });
  });

  it("that breaks off in the midst of an answer to a change is said to have no form", async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"result":'));
        controller.error(new Error("reset"));
      },
    });
    const headers = { "content-type": "application/json" };
    const api = createApi(() => Promise.resolve(new Response(body, { headers })), "credential", zone);
    const call = { kind: "record", method: "DELETE", id: "1".repeat(32) } as const;
    await assert.rejects(api.write(call, undefined), refusedWith("api.form"));
  });

  it("is asked with a time-out, past every cache, and not followed elsewhere", async () => {
    const seen: (RequestInit & { cache: string })[] = [];
    const answer = () => Response.json({ result: null });
    const api = createApi((_, init) => (seen.push(init), Promise.resolve(answer())), "credential", zone);
    await api.read({ kind: "zone", method: "GET" });
    assert.deepEqual([seen[0]?.redirect, seen[0]?.cache], ["manual", "no-store"]);
    assert.ok(seen[0]?.signal instanceof AbortSignal);
  });
});
