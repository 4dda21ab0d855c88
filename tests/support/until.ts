import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Looks every `everyMs` whether something has come about, for `forMs`: it waits for what must come however slow the machine
 * is, where a fixed sleep would only hope. Fails with `what` when it does not come.
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { everyMs = 20, forMs = 60_000 } = {},
): Promise<void> {
  for (const since = Date.now(); !(await condition());) {
    assert.ok(Date.now() - since < forMs, `waited ${String(forMs)} ms in vain: ${what}`);
    await sleep(everyMs);
  }
}
