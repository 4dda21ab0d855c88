export { changedKeys, type Changes } from "./changes.mjs";

/**
 * `pending`: a value was changed and not every place has it yet. `to rotate` (`PENDING - rotate …`): nobody has begun. `confirmed`: every place has
 * it. `other`: what a person wrote there instead; nothing here touches such a row.
 */
export type RowState = "pending" | "to rotate" | "confirmed" | "other";

/** What is written into a row; an empty text for a column that nobody fills. */
export interface NewRow {
  /** The day in UTC: `2026-11-26`. */
  readonly date: string;
  /** Key of the source, `smtp_password`; `vps-i1/api_secret` where two hosts' sources have the same key. */
  readonly secret: string;
  readonly reason: string;
  readonly rotator: string;
  /** `PENDING`, or what {@link confirmedAt} gives. */
  readonly confirmed: string;
}

/** A row as the file has it: cells without Markdown's marks around them. `date` may be anything that a person wrote. */
export interface LogRow extends NewRow {
  /** Of the file, from 1. */
  readonly line: number;
  readonly state: RowState;
  /** When it was confirmed, ISO 8601 in UTC, where the row says so. */
  readonly at?: string;
  /** By when a rotation that nobody has begun has to be done, ISO 8601 in UTC, where the row says so. */
  readonly due?: string;
}

export declare const LOG_FILE: string;
export declare const PENDING: string;
export declare const TO_ROTATE: string;

/** `PENDING - rotate by 2026-11-27T04:22:11Z`: what stands in a row of a rotation that has to be done by a time. */
export declare function toRotateBy(time: string): string;

/** All rows of the file's log tables, from the first to the last. A text without such a table has none. */
export declare function parseLog(text: string): LogRow[];

/** The text with rows behind the last one; a text without a log table gets one at its end. Nothing else changes. */
export declare function appendRows(text: string, rows: readonly NewRow[]): string;

/** The text with `confirmed` in every open row that `fits`, and these rows as they were. Nothing else changes. */
export declare function closeRows(
  text: string,
  fits: (row: LogRow) => boolean,
  confirmed: string,
): { readonly text: string; readonly closed: readonly LogRow[] };

/** Whether a row waits: for its places, or for somebody to begin. */
export declare function isOpen(row: Pick<LogRow, "state">): boolean;

/** The row of a value that has just been changed. */
export declare function pendingRow(row: Omit<NewRow, "confirmed">): NewRow;

/** What a closed row says: `yes, 2026-11-26T04:22:11Z`. `at`: when the comparison saw every place in sync. */
export declare function confirmedAt(at: string): string;

/** Those of `secrets` for which the log `after` has no more rows than the log `before`: their change was not logged. */
export declare function withoutRow(secrets: readonly string[], before: string, after: string): string[];

/** The key in a row's name of a secret: `api_secret` of `vps-i1/api_secret`. */
export declare function keyOf(secret: string): string;
