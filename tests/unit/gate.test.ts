/** Proves from which checkouts `up` does not run, the exact sentence for each, and what an override allows. */
import assert from "node:assert/strict";

import { renderFault } from "../../core/fault.js";
import { checkoutFaults, readOverrides } from "../../core/gate.js";
import type { Checkout } from "../../core/observe/git.js";

const NO_COMMIT = "git: this is not a checkout with a commit. Repair: run from a clone of the repository";
const DIRTY =
  "git: files differ from the last commit: a.ts, b.ts. Repair: git commit, or git stash; to apply them all the same: " +
  "P24_OVERRIDE=dirty";
const SHALLOW =
  "git: the clone is shallow, so it cannot be told whether it contains the last converged commit. Repair: git fetch " +
  "--unshallow; in a workflow: actions/checkout with fetch-depth: 0";
const STALE =
  "git: this checkout does not contain the last converged commit. Repair: git pull; to go back on purpose: git revert, " +
  "or P24_OVERRIDE=stale";
const UNKNOWN =
  "git: the last converged commit is not in this clone: history was rewritten, or not fetched. Repair: git fetch --all; " +
  "after a rewritten history: P24_OVERRIDE=stale once";

const CLEAN: Checkout = { head: "0123", dirty: [], shallow: false, converged: "contained" };
const dirty = ["a.ts", "b.ts"];

const CASES: readonly [string, Partial<Checkout>, string, string[]][] = [
  ["clean and up to date", {}, "", []],
  ["before the first converged run", { converged: "none" }, "", []],
  ["shallow, before the first converged run", { shallow: true, converged: "none" }, "", []],
  ["without a commit", { head: undefined, dirty }, "dirty,stale", [NO_COMMIT]],
  ["dirty", { dirty }, "", [DIRTY]],
  ["dirty, allowed", { dirty }, "dirty", []],
  ["dirty, something else allowed", { dirty }, "stale", [DIRTY]],
  ["shallow", { shallow: true, converged: "unknown" }, "", [SHALLOW]],
  ["shallow, though it seems to contain the commit", { shallow: true }, "", [SHALLOW]],
  ["shallow, which no override makes known", { shallow: true, converged: "unknown" }, "stale,dirty", [SHALLOW]],
  ["behind", { converged: "not contained" }, "", [STALE]],
  ["behind, allowed", { converged: "not contained" }, "stale", []],
  ["of another history", { converged: "unknown" }, "", [UNKNOWN]],
  ["of another history, allowed", { converged: "unknown" }, " stale ", []],
  ["dirty and behind", { dirty, converged: "not contained" }, "", [DIRTY, STALE]],
  ["dirty and behind, both allowed", { dirty, converged: "not contained" }, "dirty, stale", []],
];

describe("a checkout", () => {
  for (const [title, changes, override, messages] of CASES) {
    it(`${title}: ${messages.length === 0 ? "up may run" : "up is refused"}`, () => {
      const faults = checkoutFaults({ ...CLEAN, ...changes }, readOverrides({ P24_OVERRIDE: override }));
      assert.deepEqual(faults.map(renderFault), messages);
    });
  }

  it("has no override unless it is asked for", () => {
    assert.deepEqual([...readOverrides({})], []);
    assert.deepEqual([...readOverrides({ P24_OVERRIDE: "" })], []);
  });
});
