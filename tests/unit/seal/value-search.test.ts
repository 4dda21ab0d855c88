/** Proves by which of its lines a long value is recognized, and that a pair is not taken for another one. */
import assert from "node:assert/strict";

import { findIn } from "../../../core/seal/exposed.js";
import { Secret } from "../../../core/seal/secret.js";
import { searchFor } from "../../../core/seal/valueSearch.js";
import { sshPair } from "../../support/identities.js";

describe("the search for a value of several lines", () => {
  const own = sshPair().private;
  const search = searchFor([{ name: "sync", secret: new Secret(own) }]);
  const names = (text: string) => findIn(search, new Secret(text)).map(({ secret }) => secret);

  it("finds it by any of its own lines", () => {
    const [, first = "", ...rest] = own.trim().split("\n").slice(0, -1);
    assert.match(first, /^b3BlbnNzaC1rZXktdjEA/);
    assert.ok(rest.filter((line) => line.length >= 24).length >= 3);
    for (const line of rest.filter((one) => one.length >= 24 && /\d/.test(one))) {
      assert.deepEqual([...new Set(names(`x ${line} y`))], ["sync"], "a line of its own");
    }
  });

  it("does not take another pair for it, whose first line is the same", () => {
    const other = sshPair().private;
    assert.equal(other.split("\n")[1], own.split("\n")[1]);
    assert.deepEqual(names(other), []);
  });
});
