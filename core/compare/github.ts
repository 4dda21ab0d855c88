import { ROOTS_OF_TRUST } from "../model/names.js";
import type { Observed, RepositoryObservation } from "../observe/github.js";
import type { Fingerprint } from "../seal/fingerprint.js";
import { type NameReport, placeReport, type PlaceReport, unreachableReport } from "./report.js";

/** What the ledger remembers of one secret: our last write of it. */
export interface LedgerEntry {
  readonly fingerprint: Fingerprint;
  /** Id of the fingerprint key; entries of another key cannot be compared. */
  readonly keyId: string;
  /** GitHub's `updated_at` after that write. */
  readonly updatedAt: string;
}

/**
 * Compares one repository's Actions secrets with git. Values cannot be read back: a secret is in sync when the ledger
 * says that git's value was our last write, and GitHub that nobody wrote since.
 */
export function compareRepository(
  repository: string,
  desired: ReadonlyMap<string, Fingerprint>,
  observed: Observed<Pick<RepositoryObservation, "secrets">>,
  ledger: ReadonlyMap<string, LedgerEntry>,
  keyId: string,
): PlaceReport {
  const place = `github:${repository}`;
  if ("unreachable" in observed) {
    return unreachableReport(place, desired.size, observed.unreachable);
  }
  const there = observed.seen.secrets;
  const names: NameReport[] = [];
  for (const [name, git] of desired) {
    const status = statusOf(there.get(name), git, ledger.get(name), keyId);
    if (status !== "in sync") {
      const entry = ledger.get(name);
      const known = entry?.keyId === keyId && entry.updatedAt === there.get(name);
      names.push({ name, status, git, ...(known ? { there: entry.fingerprint } : {}) });
    }
  }
  const inSync = desired.size - names.length;
  for (const name of there.keys()) {
    if (!desired.has(name) && !ROOTS_OF_TRUST.has(name)) {
      names.push({ name, status: ledger.has(name) ? "orphan" : "foreign" });
    }
  }
  return placeReport(place, "recorded", inSync, names);
}

function statusOf(
  updatedAt: string | undefined,
  git: Fingerprint,
  entry: LedgerEntry | undefined,
  keyId: string,
): "in sync" | "missing" | "adopted" | "differs" {
  if (updatedAt === undefined) {
    return "missing";
  }
  if (entry === undefined) {
    return "adopted";
  }
  const ours = entry.updatedAt === updatedAt && entry.keyId === keyId;
  return ours && entry.fingerprint === git ? "in sync" : "differs";
}

/** A repository that left the settings: what we wrote there stays, and is listed until it is retired by name. */
export function compareFormerRepository(repository: string, names: readonly string[]): PlaceReport {
  return {
    place: `github:${repository}`,
    status: "orphan",
    confidence: "present",
    counts: { orphan: names.length },
    names: [],
    faults: [],
    notes: [`no longer in the settings; these stay until they are retired by name: ${names.join(", ")}`],
  };
}
