import type { LogRow } from "./log.mjs";
import { isAbout, type Located } from "./locate.js";

/** A secret that has an interval, and how it stands to it. Days are days of UTC. */
export interface Age {
  readonly secret: Located;
  /** The interval of inventory.yaml. */
  readonly days: number;
  /** The day of the last change, `undefined` when neither the log nor git's history tells. */
  readonly changed: string | undefined;
  /** The first day on which it is over its interval. */
  readonly due: string | undefined;
  readonly isOver: boolean;
}

/** The reason in a row that stands for no new value: it only says since when the present one is known to be in sync. */
export const TAKEN_OVER = "taken over: in sync, no new value";

/** Whether a row stands for a new value. */
export function isChange({ reason }: Pick<LogRow, "reason">): boolean {
  return reason !== TAKEN_OVER;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MS_A_DAY = 86_400_000;

/** The day of the last change that the log has of a secret; rows of rotations to come, and of other things, do not count. */
export function lastChange(rows: readonly LogRow[], secret: Pick<Located, "key" | "source">): string | undefined {
  return rows
    .filter((row) => isAbout(row.secret, secret) && row.state !== "to rotate" && isChange(row) && DAY.test(row.date))
    .map(({ date }) => date)
    .sort()
    .at(-1);
}

/** How a secret that was changed on a day stands to its interval. Of one whose last change nobody knows, it is over. */
export function ageOf(secret: Located, days: number, changed: string | undefined, today: string): Age {
  if (changed === undefined) {
    return { secret, days, changed, due: undefined, isOver: true };
  }
  const due = new Date(Date.parse(changed) + days * MS_A_DAY).toISOString().slice(0, 10);
  return { secret, days, changed, due, isOver: due <= today };
}

/** Whole days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / MS_A_DAY);
}

/** `2026-11-26` of a time, in UTC. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
