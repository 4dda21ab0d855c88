import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Looks every `everyMs` whether something has come about, for a minute: it waits for what must come however slow the machine
 * is, where a fixed sleep would only hope. Fails with `what` when it does not come.
 */
export async function until(what: string, condition: () => boolean | Promise<boolean>, everyMs = 20): Promise<void> {
  for (const since = Date.now(); !(await condition());) {
    assert.ok(Date.now() - since < 60_000, `waited a minute in vain: ${what}`);
    await sleep(everyMs);
  }
}
