/** Proves that what a run attempts is registered as plain outputs, at once and whatever happens to the places later. */
import assert from "node:assert/strict";

import { History } from "../../components/history.js";
import { follow } from "../../components/outcome.js";
import { record } from "../support/mocks.js";

describe("the history of a run", () => {
  for (const outputs of [
    { attempted: "c0ffee", former: { "o/old": ["A", "B"] } },
    { attempted: undefined, former: {} },
  ]) {
    it(`is registered: ${outputs.attempted ?? "without a commit"}`, async () => {
      const { resources } = await record(() => new History("history", outputs));
      assert.equal(resources.length, 1);
      const [only] = resources;
      assert.deepEqual([only?.type, only?.name, only?.inputs], ["p24:git:History", "history", {}]);
      const { attempted, former } = outputs;
      assert.deepEqual(only?.outputs, attempted === undefined ? { former } : { attempted, former });
    });
  }
});

describe("the outcome of a write", () => {
  /** An output of which only the promise is looked at. */
  const output = (promise: Promise<string | undefined>) =>
    ({ promise: () => promise }) as unknown as Parameters<typeof follow<string>>[0];

  it("is its entry, or none when it failed or is not known", async () => {
    assert.equal(await follow(output(Promise.resolve("entry"))), "entry");
    assert.equal(await follow(output(Promise.resolve(undefined))), undefined);
    assert.equal(await follow(output(Promise.reject(new Error("failed")))), undefined);
  });
});
