import { renderFault } from "../fault.js";
import { type Fingerprint, short } from "../seal/fingerprint.js";
import type { NameReport, NameStatus, PlaceReport, Status } from "./report.js";

/**
 * The comparison for a person: one line a place with status and confidence, below it only the names that differ with
 * the first 8 hex digits of their fingerprints (git / there), counts for the rest.
 */
export function renderReport(reports: readonly PlaceReport[]): string {
  const width = Math.max(...reports.map(({ place }) => place.length));
  return reports.flatMap((report) => renderPlace(report, width)).join("\n");
}

function renderPlace(report: PlaceReport, width: number): string[] {
  const head = `${report.place.padEnd(width)}  ${placeStatus(report)} (${report.confidence})  ${countsText(report)}`;
  const nameWidth = Math.max(0, ...report.names.map(({ name }) => name.length));
  return [
    head.trimEnd(),
    ...report.names.map((name) => `    ${renderName(name, nameWidth)}`),
    ...report.notes.map((note) => `    note: ${note}`),
    ...report.faults.map((fault) => `    ! ${renderFault(fault)}`),
  ];
}

/** `in sync`, or `in sync, blocked` when a person has to repair something first. */
export function placeStatus({ status, faults }: { status: Status; faults: readonly unknown[] }): string {
  return faults.length > 0 && status !== "unreachable" ? `${status}, blocked` : status;
}

/** `12 in sync, 1 differs`. */
export function countsText({ counts }: Pick<PlaceReport, "counts">): string {
  return Object.entries(counts)
    .map(([status, count]) => `${String(count)} ${status}`)
    .join(", ");
}

/** The sentence that a comparison ends with; `open` are the places that are not equal to git. */
export function verdictText(open: readonly string[], head: string | undefined): string {
  return open.length === 0
    ? `Every place is equal to git at ${head?.slice(0, 12) ?? "(no commit)"}.`
    : `Not equal to git: ${open.join(", ")}.`;
}

/** What `up` will do about a name. */
const ACTION: Readonly<Record<NameStatus, string>> = {
  differs: "up writes git's value",
  missing: "up creates it",
  adopted: "was there before us; up writes git's value",
  orphan: "no longer in git; up takes it away",
  foreign: "not ours; left alone",
  "stale process": "up restarts",
};

function renderName(report: NameReport, width: number): string {
  const { name, status, git, there, services } = report;
  const prints = git === undefined && there === undefined ? "" : `  git ${hex(git)} / there ${hex(there)}`;
  const action = services === undefined ? ACTION[status] : `${ACTION[status]} ${services.join(", ")}`;
  return `${name.padEnd(width)}  ${status.padEnd(13)}${prints.padEnd(35)}  ${action}`;
}

function hex(fingerprint: Fingerprint | undefined): string {
  return fingerprint === undefined ? "?       " : short(fingerprint);
}

/** The comparison for programs, as the stack's output `report`: by place, what {@link renderReport} says. */
export function compactReport(reports: readonly PlaceReport[]): Record<string, unknown> {
  return Object.fromEntries(
    reports.map(({ place, status, confidence, counts, names, notes, faults }) => [
      place,
      {
        status,
        confidence,
        counts,
        ...(names.length === 0
          ? {}
          : { names: Object.fromEntries(names.map((name) => [name.name, compactName(name)])) }),
        ...(notes.length === 0 ? {} : { notes }),
        ...(faults.length === 0 ? {} : { faults: faults.map(renderFault) }),
      },
    ]),
  );
}

function compactName({ status, git, there, services }: NameReport): Record<string, unknown> {
  return {
    status,
    ...(git === undefined ? {} : { git: short(git) }),
    ...(there === undefined ? {} : { there: short(there) }),
    ...(services === undefined ? {} : { services }),
  };
}
