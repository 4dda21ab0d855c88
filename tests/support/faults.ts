/** What a step tells a person when it fails. */
import assert from "node:assert/strict";

import { FaultsError } from "../../core/fault.js";

/** The rendered faults that `step` throws; the test fails when it throws none, or anything else. */
export function faultsOf(step: () => unknown): string[] {
  try {
    step();
  } catch (error) {
    return linesOf(error);
  }
  assert.fail("no fault was reported");
}

/** As {@link faultsOf}, for a promise. */
export async function faultsOfAsync(step: Promise<unknown>): Promise<string[]> {
  try {
    await step;
  } catch (error) {
    return linesOf(error);
  }
  assert.fail("no fault was reported");
}

function linesOf(error: unknown): string[] {
  assert.ok(error instanceof FaultsError, `expected faults, got ${String(error)}`);
  assert.equal(error.cause, undefined);
  return error.message.split("\n");
}
