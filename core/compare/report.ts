import type { Fault } from "../fault.js";
import type { Fingerprint } from "../seal/fingerprint.js";

/** How one name, or a whole place, stands to git. */
export type Status =
  /** As git wants it. */
  | "in sync"
  /** There, with another value than git's. */
  | "differs"
  /** Wanted by git and not there. */
  | "missing"
  /** There, not from us: reported, never written, never deleted. */
  | "foreign"
  /** From us, and git no longer wants it: the next `up` takes it away. */
  | "orphan"
  /** The file is right, a container still runs with the former value. */
  | "stale process"
  /** There before our first write: the next `up` takes it over and writes git's value. */
  | "adopted"
  /** The place could not be asked. */
  | "unreachable"
  /** The place was not asked before a write that is certain: it says in its answer what it replaced. */
  | "not asked";

/** How a name stands that is not in sync, where the place could be asked. */
export type NameStatus = Exclude<Status, "in sync" | "unreachable" | "not asked">;

/**
 * What a status rests on: `verified` the content was compared; `recorded` the fingerprint of our last write is git's
 * and nobody wrote since; `present` only names are known; `unreachable` nothing is.
 */
export type Confidence = "verified" | "recorded" | "present" | "unreachable";

/** A name that is not in sync. Fingerprints where they are known. */
export interface NameReport {
  readonly name: string;
  readonly status: NameStatus;
  readonly git?: Fingerprint;
  readonly there?: Fingerprint;
  /** Containers that still have the former value. */
  readonly services?: readonly string[];
}

/** One derived place compared with git. Plain data, without a value or its length. */
export interface PlaceReport {
  /** `github:radieu/p24-infra` or `host:vps-i1`. */
  readonly place: string;
  readonly status: Status;
  readonly confidence: Confidence;
  /** How many names have which status; only those that occur. */
  readonly counts: Readonly<Partial<Record<Status, number>>>;
  /** The names that are not in sync, by name. */
  readonly names: readonly NameReport[];
  /** What a person has to repair before `up` can converge the place. */
  readonly faults: readonly Fault[];
  /** Worth knowing, nothing to repair by hand. */
  readonly notes: readonly string[];
}

/**
 * Whether the place is equal to git. Foreign GitHub secrets are not ours to judge and do not count; neither does a
 * repository that left the settings, of which only names are remembered.
 */
export function isConverged(report: PlaceReport): boolean {
  return report.faults.length === 0 && (report.status === "in sync" || report.confidence === "present");
}

/** The report of the place after every write that `report` called for was confirmed. */
export function settled(report: PlaceReport): PlaceReport {
  const names = report.names.filter(({ status }) => status === "foreign");
  const wanted = report.names.filter(({ status }) => status !== "foreign" && status !== "orphan").length;
  const { "in sync": inSync = 0, "not asked": notAsked = 0 } = report.counts;
  const confidence = report.status === "not asked" ? "verified" : report.confidence;
  return placeReport(report.place, confidence, inSync + notAsked + wanted, names);
}

/** From worst to best: the first that occurs among a place's names is the place's status. */
const ORDER: readonly Status[] = ["unreachable", "differs", "missing", "stale process", "orphan", "adopted"];

/** The worst of several, as a place has that of its names. */
export function worst(statuses: readonly Status[]): Status {
  return ORDER.find((status) => statuses.includes(status)) ?? "in sync";
}

/** Puts the parts of a report together; `inSync` is the number of names that are. */
export function placeReport(
  place: string,
  confidence: Confidence,
  inSync: number,
  names: readonly NameReport[],
  faults: readonly Fault[] = [],
  notes: readonly string[] = [],
): PlaceReport {
  const counts: Partial<Record<Status, number>> = inSync > 0 ? { "in sync": inSync } : {};
  for (const status of [...ORDER, "foreign"] as const) {
    const count = names.filter((name) => name.status === status).length;
    if (count > 0) {
      counts[status] = count;
    }
  }
  const worst = ORDER.find((status) => counts[status] !== undefined);
  const status = worst ?? (faults.length > 0 || notes.length > 0 ? "differs" : "in sync");
  const sorted = [...names].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { place, status, confidence, counts, names: sorted, faults, notes };
}

/**
 * The report of a place that is verified and never written: `right` things are as they should be, a fault makes it
 * differ, a note does not.
 */
export function checkReport(
  place: string,
  confidence: Confidence,
  right: number,
  faults: readonly Fault[],
  notes: readonly string[] = [],
): PlaceReport {
  const counts: PlaceReport["counts"] = {
    ...(right > 0 ? { "in sync": right } : {}),
    ...(faults.length > 0 ? { differs: faults.length } : {}),
  };
  return { place, status: faults.length > 0 ? "differs" : "in sync", confidence, counts, names: [], faults, notes };
}

/** The report of a place that is written whatever it would say: git is not what it `recorded` last. */
export function notAskedReport(place: string, wanted: number): PlaceReport {
  return {
    place,
    status: "not asked",
    confidence: "recorded",
    counts: wanted > 0 ? { "not asked": wanted } : {},
    names: [],
    faults: [],
    notes: [
      "git has changed since it was last confirmed; up writes it without a look before, and the host tells what it replaced",
    ],
  };
}

/** The report of a place that could not be asked. */
export function unreachableReport(place: string, wanted: number, fault: Fault): PlaceReport {
  return {
    place,
    status: "unreachable",
    confidence: "unreachable",
    counts: wanted > 0 ? { unreachable: wanted } : {},
    names: [],
    faults: [fault],
    notes: [],
  };
}
