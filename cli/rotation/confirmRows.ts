import type { Assessment, Context } from "../../core/assess.js";
import { FaultsError } from "../../core/fault.js";
import { checkoutFaults, readOverrides } from "../../core/gate.js";
import { fileAt } from "../../core/observe/git.js";
import { lastChangeInGit } from "../../core/rotation/ages.js";
import { decide, openPlaces, type Verdict } from "../../core/rotation/confirm.js";
import { dayOf, TAKEN_OVER } from "../../core/rotation/due.js";
import { isAbout, readKeys } from "../../core/rotation/locate.js";
import {
  appendRows,
  closeRows,
  confirmedAt,
  keyOf,
  LOG_FILE,
  type LogRow,
  parseLog,
} from "../../core/rotation/log.mjs";
import { readLog } from "./workplace.js";

/** The log after a confirmation, and what was decided. Nothing is written yet. */
export interface Confirmation extends Verdict {
  readonly text: string;
  readonly isChanged: boolean;
}

/**
 * Holds the log's open rows against a comparison that has just been made. Throws a FaultsError when the checkout is not what
 * is committed (the log itself may differ), or not the newest.
 */
export async function confirmRows(
  { root, env }: Pick<Context, "root" | "env">,
  seen: Assessment,
  now: Date,
  remark = "",
): Promise<Confirmation> {
  const dirty = seen.checkout.dirty.filter((path) => path !== LOG_FILE);
  const faults = checkoutFaults({ ...seen.checkout, dirty }, readOverrides(env));
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
  const text = await readLog(root);
  const committed = parseLog((await fileAt(root, "HEAD", LOG_FILE)) ?? "");
  const rows = parseLog(text);
  const changedOn = await lastChanges(root, rows);
  const verdict = decide(rows, committed, seen.desired.placed, stackKeys(seen), seen.reports, changedOn);
  const lines = new Set(verdict.close.map(({ line }) => line));
  const closed = closeRows(text, ({ line }) => lines.has(line), `${confirmedAt(now.toISOString())}${remark}`);
  return { ...verdict, text: closed.text, isChanged: closed.text !== text };
}

/**
 * The log with a row for each of these secrets: that it is in sync now, without a new value. For one that is not, a
 * FaultsError.
 */
export function withTakenOver(
  text: string,
  secrets: readonly string[],
  seen: Assessment,
  who: string,
  now: Date,
): string {
  const rows = secrets.map((secret) => {
    const open = openPlaces(secret, seen.desired.placed, stackKeys(seen), seen.reports) ?? [];
    if (open.length > 0) {
      const what = `is not in sync: ${open.map(({ place, why }) => `${place} ${why}`).join(", ")}`;
      throw new FaultsError([{ where: "git", name: keyOf(secret), what, repair: "npm run up" }]);
    }
    const confirmed = confirmedAt(now.toISOString());
    return { date: dayOf(now), secret, reason: TAKEN_OVER, rotator: who, confirmed };
  });
  return appendRows(text, rows);
}

/** The day of the last change of each secret with a pending row, by its name in the row. */
async function lastChanges(root: string, rows: readonly LogRow[]): Promise<Map<string, string>> {
  const { all } = await readKeys(root);
  const names = new Set(rows.filter(({ state }) => state === "pending").map(({ secret }) => secret));
  const found = await Promise.all(
    [...names].map(async (name) => {
      const own = all.filter((located) => isAbout(name, located));
      const days = await Promise.all(own.map((located) => lastChangeInGit(root, located, true)));
      return [
        name,
        days
          .flatMap((day) => day ?? [])
          .sort()
          .at(-1),
      ] as const;
    }),
  );
  return new Map(found.flatMap(([name, day]) => (day === undefined ? [] : [[name, day]])));
}

function stackKeys({ stackSecrets }: Assessment): string[] {
  return Object.keys(stackSecrets);
}
