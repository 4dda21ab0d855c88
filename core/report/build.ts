import type { Assessment } from "../assess.js";
import {
  isConverged,
  type Confidence,
  type NameReport,
  type PlaceReport,
  type Status,
  worst,
} from "../compare/report.js";
import { renderFault } from "../fault.js";
import type { PlacedSecret } from "../model/desired.js";
import type { OutsideEntry, WholeInventory } from "../model/inventory.js";
import { isAt } from "../rotation/confirm.js";
import { type Age, dayOf, daysBetween, isChange, lastChange } from "../rotation/due.js";
import type { Located } from "../rotation/locate.js";
import type { LogRow } from "../rotation/log.mjs";
import { type Fingerprint, short } from "../seal/fingerprint.js";
import {
  type OtherName,
  type PlaceKind,
  type Report,
  type ReportedOutside,
  type ReportedPlace,
  type ReportedSecret,
  type Rotation,
  type SecretAge,
  type SecretAt,
  SOON_DAYS,
  type Standing,
} from "./model.js";

/** What a report is made of: what the comparison, the inventory and the rotation log say. */
export interface ReportInput {
  readonly at: Date;
  readonly stack: string;
  readonly seen: Pick<Assessment, "reports" | "warnings"> & {
    readonly head: string | undefined;
    readonly converged: string | undefined;
    readonly placed: readonly PlacedSecret[];
  };
  /** Git's fingerprints by variable: of `github`, and of each host by its name. */
  readonly prints: ReadonlyMap<string, ReadonlyMap<string, Fingerprint>>;
  readonly inventory: WholeInventory;
  /** Every key of every source. */
  readonly keys: readonly Located[];
  readonly rows: readonly LogRow[];
  /** Of the secrets that have an interval. */
  readonly ages: readonly Age[];
}

/** Puts together what is known. Nothing is compared or judged here a second time. */
export function buildReport(input: ReportInput): Report {
  const { at, stack, seen, inventory, rows } = input;
  const secrets = input.keys.map((secret) => secretOf(secret, input));
  return {
    at: at.toISOString(),
    stack,
    head: seen.head,
    converged: seen.converged,
    isEqual: seen.reports.every(isConverged),
    warnings: seen.warnings.map(renderFault),
    places: seen.reports.map((report) => placeOf(report, secrets)),
    secrets: secrets.sort((a, b) => (a.name < b.name ? -1 : 1)),
    outside: [...inventory.outside].map(([name, entry]) => outsideOf(name, entry, seen.reports)),
    rotations: rows.map(rotationOf).reverse().sort(newestFirst),
  };
}

function secretOf(secret: Located, input: ReportInput): ReportedSecret {
  const entry = input.inventory.secrets.get(secret.key);
  const placed = input.seen.placed.find(({ key, path }) => key === secret.key && path === secret.path);
  const places = placed === undefined ? [] : placesOf(placed, input.seen.reports);
  const print = placed?.places
    .map((place) => input.prints.get(place)?.get(placed.name))
    .find((one) => one !== undefined);
  return {
    name: secret.row,
    source: secret.source,
    ...(placed === undefined ? {} : { variable: placed.name }),
    tier: entry?.tier ?? 3,
    ...(entry?.issuer === undefined ? {} : { issuer: entry.issuer }),
    ...(entry?.owner === undefined ? {} : { owner: entry.owner }),
    flagged: entry?.flagged ?? false,
    ...(print === undefined ? {} : { fingerprint: short(print) }),
    ...(places.length === 0 ? {} : { status: worst(places.map(({ status }) => status)), confidence: leastOf(places) }),
    places,
    age: ageOfSecret(secret, input),
  };
}

/** A place lists the names that are not in sync; every other name that git sends there is. */
function placesOf({ name, places }: PlacedSecret, reports: readonly PlaceReport[]): SecretAt[] {
  return reports
    .filter((report) => report.confidence !== "present" && places.some((place) => isAt(report.place, place)))
    .map(({ place, confidence, names }) => {
      const found = names.find((one) => one.name === name);
      const status: Status = confidence === "unreachable" ? "unreachable" : (found?.status ?? "in sync");
      return {
        place,
        status,
        confidence,
        ...(found?.there === undefined ? {} : { there: short(found.there) }),
        ...(found?.services === undefined ? {} : { services: found.services }),
      };
    });
}

const KNOWLEDGE: readonly Confidence[] = ["unreachable", "present", "recorded", "verified"];

function leastOf(places: readonly SecretAt[]): Confidence {
  return KNOWLEDGE.find((one) => places.some(({ confidence }) => confidence === one)) ?? "verified";
}

function ageOfSecret(secret: Located, { ages, rows, at }: ReportInput): SecretAge {
  const age = ages.find((one) => one.secret.row === secret.row);
  const changed = age === undefined ? lastChange(rows, secret) : age.changed;
  const today = dayOf(at);
  return {
    ...(changed === undefined ? {} : { changed, days: daysBetween(changed, today) }),
    ...(age === undefined ? {} : { interval: age.days }),
    ...(age?.due === undefined ? {} : { due: age.due }),
    standing: standingOf(age, today),
  };
}

function standingOf(age: Age | undefined, today: string): Standing {
  if (age === undefined) {
    return "none";
  }
  if (age.due === undefined) {
    return "unknown";
  }
  return age.isOver ? "overdue" : daysBetween(today, age.due) <= SOON_DAYS ? "soon" : "in time";
}

function placeOf(report: PlaceReport, secrets: readonly ReportedSecret[]): ReportedPlace {
  const { place, status, confidence, counts, notes, faults } = report;
  const there = secrets.filter((secret) => secret.places.some((one) => one.place === place));
  const known = new Set(there.map(({ variable }) => variable));
  const tierCount = (tier: number) => there.filter((secret) => secret.tier === tier).length;
  return {
    place,
    kind: kindOf(place),
    status,
    confidence,
    isConverged: isConverged(report),
    counts,
    tiers: { 1: tierCount(1), 2: tierCount(2), 3: tierCount(3) },
    others: report.names.filter(({ name }) => !known.has(name)).map(otherName),
    notes,
    faults: faults.map(renderFault),
  };
}

function otherName({ name, status, git, there }: NameReport): OtherName {
  return {
    name,
    status,
    ...(git === undefined ? {} : { git: short(git) }),
    ...(there === undefined ? {} : { there: short(there) }),
  };
}

/** The roots of trust and the App are looked at where they are: at GitHub. */
function kindOf(place: string): PlaceKind {
  const word = /^[a-zA-Z]*/.exec(place)?.[0] ?? "";
  return word === "host" ? "hosts" : word === "cloudflare" || word === "vercel" ? word : "github";
}

function outsideOf(
  name: string,
  { tier, purpose, replaced_by, verify }: OutsideEntry,
  reports: readonly PlaceReport[],
): ReportedOutside {
  const still = reports.filter(({ names }) => names.some((one) => one.name === name)).map(({ place }) => place);
  return { name, tier, purpose, replacedBy: replaced_by, verify, still };
}

function rotationOf(row: LogRow): Rotation {
  const { date, secret, reason, rotator, state, at, due } = row;
  return {
    date,
    secret,
    reason,
    rotator,
    state,
    isChange: state !== "to rotate" && isChange(row),
    ...(at === undefined ? {} : { confirmed: at }),
    ...(due === undefined ? {} : { due }),
  };
}

function newestFirst(a: Rotation, b: Rotation): number {
  return a.date === b.date ? 0 : a.date < b.date ? 1 : -1;
}
