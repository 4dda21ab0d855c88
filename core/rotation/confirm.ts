import { isConverged, type PlaceReport } from "../compare/report.js";
import type { PlacedSecret } from "../model/desired.js";
import { isChange } from "./due.js";
import { isAbout } from "./locate.js";
import { isOpen, type LogRow } from "./log.mjs";

/** An open row, and what it waits for. */
export interface Waiting {
  readonly row: LogRow;
  /** For people: `host:vps-h1 differs`. */
  readonly why: string;
  /** The places that hold it up; none when something else does. */
  readonly places: readonly string[];
}

/** Which open rows may be closed, and why the others may not. */
export interface Verdict {
  readonly close: readonly LogRow[];
  readonly waiting: readonly Waiting[];
}

/**
 * Decides about every open row. The comparison was made with what is committed, so a row that is committed too is about the
 * present value or one that it has replaced: it may be closed when the present one is in sync at every place of that secret.
 * Then its value is nowhere but there, or gone. Other places do not hold it up. A row that is younger than the value is not
 * about any value yet.
 *
 * `committed`: the rows of the log as HEAD has it. `changedOn`: the day (UTC) of the last change that git knows, by the row's
 * name of the secret.
 */
export function decide(
  rows: readonly LogRow[],
  committed: readonly LogRow[],
  placed: readonly PlacedSecret[],
  stackKeys: readonly string[],
  reports: readonly PlaceReport[],
  changedOn: ReadonlyMap<string, string>,
): Verdict {
  const close: LogRow[] = [];
  const waiting: Waiting[] = [];
  const left = committed.map(textOf);
  for (const row of rows.filter(isOpen)) {
    const at = left.indexOf(textOf(row));
    if (at === -1) {
      waiting.push({ row, why: "the row is not committed", places: [] });
      continue;
    }
    left.splice(at, 1);
    const reason =
      row.state === "pending" ? (tooYoung(row, changedOn) ?? whyNot(row, placed, stackKeys, reports)) : undefined;
    if (reason !== undefined) {
      waiting.push({ row, ...reason });
    } else {
      close.push(row);
    }
  }
  // A rotation that was asked for is done when one of the same secret is.
  const isDone = (row: LogRow) =>
    row.state === "pending" ||
    rows.some((other) => isLater(other, row) && (close.includes(other) || wasConfirmed(other)));
  const undone = close.filter((row) => !isDone(row));
  waiting.push(...undone.map((row) => ({ row, why: "nobody has rotated it yet", places: [] })));
  return {
    close: close.filter((row) => !undone.includes(row)),
    waiting: waiting.sort((a, b) => a.row.line - b.row.line),
  };
}

function isLater(other: LogRow, row: LogRow): boolean {
  return other.line > row.line && other.secret === row.secret && other.state !== "to rotate" && isChange(other);
}

function wasConfirmed({ state }: LogRow): boolean {
  return state === "confirmed";
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MS_A_DAY = 86_400_000;

/** A row is written on the day of the change or, by somebody whose clock is ahead of UTC, on the day before it ends there. */
function tooYoung({ date, secret }: LogRow, changedOn: ReadonlyMap<string, string>): Omit<Waiting, "row"> | undefined {
  const changed = changedOn.get(secret);
  const isYoung = changed !== undefined && DAY.test(date) && Date.parse(changed) < Date.parse(date) - MS_A_DAY;
  return isYoung ? { why: `the value is that of ${changed}: it was not changed since`, places: [] } : undefined;
}

function textOf({ date, secret, reason, rotator, confirmed }: LogRow): string {
  return JSON.stringify([date, secret, reason, rotator, confirmed]);
}

function whyNot(
  row: LogRow,
  placed: readonly PlacedSecret[],
  stackKeys: readonly string[],
  reports: readonly PlaceReport[],
): Omit<Waiting, "row"> | undefined {
  const open = openPlaces(row.secret, placed, stackKeys, reports);
  if (open === undefined) {
    return { why: "no source has this key", places: [] };
  }
  const why = open.map(({ place, why: what }) => `${place} ${what}`).join(", ");
  return open.length === 0 ? undefined : { why, places: open.map(({ place }) => place) };
}

/**
 * The places that do not have a secret as git wants it, `undefined` for a secret that git does not know. The program's own
 * values go nowhere; they count when every place does, because every place was read and written with them.
 */
export function openPlaces(
  secret: string,
  placed: readonly PlacedSecret[],
  stackKeys: readonly string[],
  reports: readonly PlaceReport[],
): readonly { readonly place: string; readonly why: string }[] | undefined {
  const own = placed.filter(({ key, path }) => isAbout(secret, { key, source: sourceOf(path) }));
  if (own.length === 0 && !stackKeys.some((key) => isAbout(secret, { key, source: "stack" }))) {
    return undefined;
  }
  return reports.flatMap((report) => {
    const names = own.filter(({ places }) => places.some((place) => isAt(report.place, place))).map(({ name }) => name);
    const why = own.length === 0 ? stackWhy(report) : names.map((name) => nameWhy(name, report)).find(isText);
    return why === undefined ? [] : [{ place: report.place, why }];
  });
}

/** Where a secret goes: `github`, names of hosts. */
export function placesOf(secret: string, placed: readonly PlacedSecret[]): readonly string[] {
  const own = placed.filter(({ key, path }) => isAbout(secret, { key, source: sourceOf(path) }));
  return [...new Set(own.flatMap(({ places }) => places))];
}

function isText(text: string | undefined): text is string {
  return text !== undefined;
}

/** `secrets/vps-i1.sops.yaml` is the source `vps-i1`. */
function sourceOf(path: string): string {
  return path.slice("secrets/".length, -".sops.yaml".length);
}

/**
 * Whether a report is about the place that a secret goes to. A repository that left the settings has confidence `present`:
 * nothing is written there, and nothing waits for it.
 */
export function isAt(report: string, place: string): boolean {
  return place === "github" ? report.startsWith("github:") : report === `host:${place}`;
}

function stackWhy(report: PlaceReport): string | undefined {
  return isConverged(report) ? undefined : report.status === "in sync" ? "is blocked" : report.status;
}

function nameWhy(name: string, report: PlaceReport): string | undefined {
  if (report.confidence === "present") {
    return undefined;
  }
  if (report.confidence === "unreachable") {
    return "unreachable";
  }
  const status = report.names.find((one) => one.name === name)?.status;
  // A host with something to repair, a service that is down say, has not shown that it runs with the value.
  return status ?? (report.faults.length + report.notes.length > 0 ? "has something to repair" : undefined);
}
