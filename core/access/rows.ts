import { appendRows, isOpen, type LogRow, parseLog, toRotateBy } from "../rotation/log.mjs";

/**
 * The log's text with an open row for each secret that has to be rotated by a time; `reason` says why. A secret that has one
 * with this reason already gets no second one. Nobody has begun, so the column for who did it stays empty.
 */
export function withRows(log: string, secrets: readonly string[], reason: string, date: string, due: Date): string {
  const open = new Set(parseLog(log).flatMap((row) => (isOfReason(row, reason) ? [row.secret] : [])));
  const rows = secrets
    .filter((secret) => !open.has(secret))
    .map((secret) => ({ date, secret, reason, rotator: "", confirmed: toRotateBy(due.toISOString()) }));
  return appendRows(log, rows);
}

/** The log's text without such rows: what somebody else has changed in it is what is left. */
export function withoutRows(log: string, reason: string): string {
  const ours = new Set(parseLog(log).flatMap((row) => (isOfReason(row, reason) ? [row.line] : [])));
  return log
    .split("\n")
    .filter((_, index) => !ours.has(index + 1))
    .join("\n");
}

function isOfReason(row: LogRow, reason: string): boolean {
  return isOpen(row) && row.state === "to rotate" && row.reason === reason;
}
