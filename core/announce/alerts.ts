import { isConverged, type PlaceReport } from "../compare/report.js";
import type { Fault } from "../fault.js";
import { cut } from "./message.js";

/** Every alert that there is, each a section of docs/runbook.md; the sharpest first. */
export const ALERTS = [
  "AgeKeyMissing",
  "HostUnreachable",
  "SecretsSyncFailed",
  "SecretsDrift",
  "LockoutRisk",
  "RotationOverdue",
] as const;

export type AlertName = (typeof ALERTS)[number];

/** Something that a person has to look at. Plain data, without a value. */
export interface Alert {
  readonly name: AlertName;
  /** What it is about: `host:vps-i1`, `.sops.yaml`, a secret's name, `run`. */
  readonly place: string;
  readonly what: string;
}

/** What one alert is told from another by, from one run to the next: its words may change meanwhile. */
export function identityOf({ name, place }: Pick<Alert, "name" | "place">): string {
  return `${name} ${place}`;
}

/** What alerts are made of: one look at the world, and what git says of time. */
export interface Findings {
  readonly reports: readonly PlaceReport[];
  readonly warnings: readonly Fault[];
  /** Secrets that are over their interval, or were not rotated by the time that was set, with a sentence about each. */
  readonly overdue: readonly { readonly secret: string; readonly what: string }[];
  /** Places that a run was to make equal to git; all others that differ have drifted. */
  readonly isLeftBehind: (place: string) => boolean;
}

/**
 * The alerts that a look calls for. A place that a run left behind is one of the run, with its cause beside it where the place
 * tells one; otherwise the cause stands alone, and where there is none the place has drifted.
 */
export function alertsOf({ reports, warnings, overdue, isLeftBehind }: Findings): Alert[] {
  const open = reports.filter((report) => !isConverged(report));
  const alerts = open.flatMap((report): Alert[] => {
    const cause = causeOf(report);
    const what = summaryOf(report);
    const about = (name: AlertName): Alert => ({ name, place: report.place, what });
    return [
      ...(cause === undefined ? [] : [about(cause)]),
      ...(isLeftBehind(report.place) ? [about("SecretsSyncFailed")] : []),
      ...(cause === undefined && !isLeftBehind(report.place) ? [about("SecretsDrift")] : []),
    ];
  });
  const risks = warnings.map(lockOut);
  return sorted([...alerts, ...risks, ...overdue.map(late)]);
}

/** The alerts of a checkout that cannot be read at all: nothing was compared. What is overdue still is. */
export function alertsOfFaults(faults: readonly Fault[], overdue: Findings["overdue"]): Alert[] {
  const [risks, others] = [faults.filter(isRecipients), faults.filter((fault) => !isRecipients(fault))];
  const failed: Alert[] =
    others.length === 0
      ? []
      : [
          {
            name: "SecretsSyncFailed",
            place: "git",
            what: others.map(({ where, what }) => `${where} ${what}`).join("; "),
          },
        ];
  return sorted([...risks.map(lockOut), ...failed, ...overdue.map(late)]);
}

function late({ secret, what }: Findings["overdue"][number]): Alert {
  return { name: "RotationOverdue", place: secret, what };
}

/** Of a file whose recipients are not its rule's: core/model/sources.ts. */
function isRecipients({ what }: Fault): boolean {
  return what.includes("recipients are not those of its rule");
}

function lockOut({ where, name, what }: Fault): Alert {
  return { name: "LockoutRisk", place: name === undefined ? where : `${where} ${name}`, what };
}

/** What a host says of its identity (core/compare/host.ts, core/observe/host.ts), whatever is wrong with it. */
const IDENTITY = /\bage identity\b/;

function causeOf({ place, confidence, faults }: PlaceReport): AlertName | undefined {
  if (!place.startsWith("host:")) {
    return undefined;
  }
  if (faults.some(({ what }) => IDENTITY.test(what))) {
    return "AgeKeyMissing";
  }
  return confidence === "unreachable" ? "HostUnreachable" : undefined;
}

const MOST_NAMES = 5;

/** One line about a place that is not equal to git: what is wrong with it, else the names that differ. */
export function summaryOf({ status, faults, notes, names }: PlaceReport): string {
  if (faults.length > 0) {
    return faults.map(({ name, what }) => (name === undefined ? what : `${name}: ${what}`)).join("; ");
  }
  const open = names.filter((name) => name.status !== "foreign").map(({ name, status: how }) => `${name} ${how}`);
  const more = open.length > MOST_NAMES ? [`${String(open.length - MOST_NAMES)} more`] : [];
  const all = [...open.slice(0, MOST_NAMES), ...more, ...notes];
  return all.length === 0 ? status : all.join(", ");
}

/** Characters of what is said about one place: all of it has to fit into one issue, twice, which GitHub limits to 65,536. */
const LONGEST = 400;

function sorted(alerts: readonly Alert[]): Alert[] {
  const rank = ({ name, place }: Alert) => `${String(ALERTS.indexOf(name))} ${place}`;
  return alerts
    .map((alert) => ({ ...alert, what: cut(alert.what, LONGEST) }))
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}
