/** Proves that hosts and sources are worked on a limited number at a time, in order, and that none is left out. */
import assert from "node:assert/strict";

import { atMost } from "../../core/atMost.js";

describe("work for many", () => {
  for (const [limit, count] of [
    [1, 5],
    [3, 10],
    [64, 10],
    [64, 500],
  ] as const) {
    it(`for ${String(count)}, at most ${String(limit)} at a time`, async () => {
      let [atWork, most] = [0, 0];
      const began: number[] = [];
      const items = Array.from({ length: count }, (_, at) => at);
      const results = await atMost(limit, items, async (item) => {
        began.push(item);
        most = Math.max(most, (atWork += 1));
        await new Promise((resolve) => setTimeout(resolve, (item * 7) % 5));
        atWork -= 1;
        return item * 2;
      });
      assert.deepEqual(began, items);
      assert.deepEqual(
        results,
        items.map((item) => item * 2),
      );
      assert.equal(most, Math.min(limit, count));
    });
  }

  it("fails with the first that fails", async () => {
    await assert.rejects(
      atMost(2, [1, 2, 3], (item) => (item === 2 ? Promise.reject(new Error("two")) : Promise.resolve(item))),
      /two/,
    );
  });
});
