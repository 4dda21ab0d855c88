import type { Age } from "./due.js";
import type { LogRow } from "./log.mjs";

/** Columns of text, as wide as their longest cell; no blanks at the end of a line. */
export function renderColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => (row[index] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** Secrets with an interval, a line each: how they stand to it. */
export function renderAges(ages: readonly Age[]): string[] {
  return renderColumns(
    ages.map(({ secret, days, changed, due, isOver }) => [
      secret.row,
      changed === undefined ? "never changed, as far as log and git tell" : `changed ${changed}`,
      `every ${String(days)} days`,
      isOver ? `overdue${due === undefined ? "" : ` since ${due}`}` : `due ${due ?? ""}`,
    ]),
  );
}

/** Open rows of the log, a line each. */
export function renderRows(rows: readonly LogRow[]): string[] {
  return renderColumns(
    rows.map(({ line, date, secret, reason, rotator }) => [`line ${String(line)}`, date, secret, reason, rotator]),
  );
}

/** Rows of rotations that have to be done by a time, a line each. */
export function renderAsked(rows: readonly LogRow[]): string[] {
  return renderColumns(rows.map(({ secret, reason, due }) => [secret, reason, `to be rotated by ${due ?? ""}`]));
}
