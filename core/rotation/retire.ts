import type { PlaceReport } from "../compare/report.js";
import type { Fault } from "../fault.js";
import type { PlacedSecret } from "../model/desired.js";
import { ROOTS_OF_TRUST } from "../model/names.js";
import { openPlaces } from "./confirm.js";
import { isOpen, type LogRow } from "./log.mjs";
import { isAbout } from "./locate.js";

/** How long a secret must have been in sync before its former copy at GitHub may go (spec 03, bootstrap, step 13). */
export const STABLE_HOURS = 24;

/** One copy at GitHub, as the comparison knows it. */
export interface Copy {
  /** `radieu/p24-infra`. */
  readonly repository: string;
  /** Foreign: never ours. Orphan: ours, and git no longer wants it. Former: ours, in a repository that left the settings. */
  readonly status: "foreign" | "orphan" | "former";
  /** GitHub's time of its last write, ISO 8601. */
  readonly updatedAt: string;
}

/** What is known about the name that shall be retired. */
export interface Case {
  /** The variable's name: `SMTP_PASSWORD`. */
  readonly name: string;
  readonly copies: readonly Copy[];
  readonly placed: readonly PlacedSecret[];
  readonly reports: readonly PlaceReport[];
  readonly rows: readonly LogRow[];
  /** Workflow files that still use the name: `.github/workflows/deploy.yml:12`. */
  readonly users: readonly string[];
  /** The caller knows that git has no such secret, and wants the copy gone all the same. */
  readonly isUnknownMeant: boolean;
  readonly now: Date;
}

/** Why the copies must not be deleted; none when they may. */
export function retireFaults(one: Case): Fault[] {
  const { name, copies, placed, users } = one;
  const where = "GitHub";
  if (ROOTS_OF_TRUST.has(name)) {
    const what = "is a root of trust: the sync works with it, and it can live nowhere else";
    return [{ where, name, what, repair: "leave it; p24 rekey replaces an identity" }];
  }
  if (copies.length === 0) {
    return [];
  }
  const faults: Fault[] = users.map((user) => ({
    where: user,
    name,
    what: "still uses the secret",
    repair: "change the workflow first",
  }));
  const owners = placed.filter((secret) => secret.name === name);
  if (owners.length > 0) {
    faults.push(...owners.flatMap((owner) => ownerFaults(owner, one)));
  } else if (copies.some(({ status }) => status === "foreign") && !one.isUnknownMeant) {
    const what = "is no secret of git, so nothing is known of what needs it";
    faults.push({
      where,
      name,
      what,
      repair: "p24 add NAME --to SOURCE takes it over; to delete it all the same: --unknown",
    });
  } else {
    faults.push(...copies.flatMap((copy) => youngFaults(copy, one)));
  }
  return faults;
}

/** The secret of git with this name must be in sync at its own places, and known to be for long enough. */
function ownerFaults({ key, path }: PlacedSecret, { name, placed, reports, rows, now }: Case): Fault[] {
  const where = path;
  const source = path.slice("secrets/".length, -".sops.yaml".length);
  const open = openPlaces(`${source}/${key}`, placed, [], reports) ?? [];
  if (open.length > 0) {
    const what = `is not in sync: ${open.map(({ place, why }) => `${place} ${why}`).join(", ")}`;
    return [{ where, name: key, what, repair: "npm run up" }];
  }
  const own = rows.filter((row) => isAbout(row.secret, { key, source }));
  if (own.some((row) => isOpen(row))) {
    return [{ where, name: key, what: "has a rotation that is not confirmed", repair: "p24 confirm" }];
  }
  const since = own
    .flatMap(({ at }) => at ?? [])
    .sort()
    .at(-1);
  if (since === undefined) {
    const what = "is in sync now, and the log does not say since when";
    const repair = `p24 confirm ${key} writes it down; ${String(STABLE_HOURS)} hours later: p24 retire ${name}`;
    return [{ where, name: key, what, repair }];
  }
  return isStable(since, now) ? [] : [tooYoung(where, key, "is known to be in sync since", since)];
}

/** A copy that belongs to no secret of git: nobody must have written it lately. */
function youngFaults({ repository, updatedAt }: Copy, { name, now }: Case): Fault[] {
  return isStable(updatedAt, now) ? [] : [tooYoung(`GitHub ${repository}`, name, "was last written at", updatedAt)];
}

function isStable(since: string, now: Date): boolean {
  return now.getTime() - Date.parse(since) >= STABLE_HOURS * 3_600_000;
}

function tooYoung(where: string, name: string, what: string, since: string): Fault {
  const at = new Date(Date.parse(since) + STABLE_HOURS * 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    where,
    name,
    what: `${what} ${since}, less than ${String(STABLE_HOURS)} hours ago`,
    repair: `wait until ${at}`,
  };
}

/** The lines of a workflow that use a secret by name: `secrets.NAME`, `secrets['NAME']`. From 1. */
export function linesUsing(workflow: string, name: string): number[] {
  const use = new RegExp(`\\bsecrets\\s*(?:\\.\\s*${name}\\b|\\[\\s*['"]${name}['"]\\s*\\])`, "i");
  return workflow.split("\n").flatMap((line, index) => (use.test(line) ? [index + 1] : []));
}
