import type { Confidence, Status } from "../compare/report.js";
import type { RowState } from "../rotation/log.mjs";

export type Tier = 1 | 2 | 3;

/** What `p24 report` tells, in whichever form. Plain data without a value: fingerprints are the 8 hex digits for display. */
export interface Report {
  /** When the world was looked at, ISO 8601 in UTC. */
  readonly at: string;
  readonly stack: string;
  /** The commit that was compared, and the last that left every place equal to git. */
  readonly head: string | undefined;
  readonly converged: string | undefined;
  /** Whether every place is equal to git, as `p24 status` judges it. */
  readonly isEqual: boolean;
  /** What should be repaired in git and stops nothing, a line each. */
  readonly warnings: readonly string[];
  readonly places: readonly ReportedPlace[];
  readonly secrets: readonly ReportedSecret[];
  readonly outside: readonly ReportedOutside[];
  /** Rows of the rotation log, the newest first. */
  readonly rotations: readonly Rotation[];
}

/** Which picture of the flow a place belongs to. */
export type PlaceKind = "github" | "hosts" | "cloudflare" | "vercel";

/** One derived place. */
export interface ReportedPlace {
  /** As `p24 status` names it: `host:vps-i1`. */
  readonly place: string;
  readonly kind: PlaceKind;
  readonly status: Status;
  readonly confidence: Confidence;
  readonly isConverged: boolean;
  readonly counts: Readonly<Partial<Record<Status, number>>>;
  /** How many secrets of each tier git sends there. */
  readonly tiers: Readonly<Record<Tier, number>>;
  /** Names that are not in sync and no secrets of the sources: variables of the settings, parts of a gateway, foreign names. */
  readonly others: readonly OtherName[];
  readonly notes: readonly string[];
  readonly faults: readonly string[];
}

export interface OtherName {
  readonly name: string;
  readonly status: Status;
  readonly git?: string;
  readonly there?: string;
}

/** One key of one source, with every place that it goes to. */
export interface ReportedSecret {
  /** As the rotation log names it: the key, or `vps-i1/api_secret` where two sources have the same. */
  readonly name: string;
  readonly source: string;
  /** Its variable's name at its places; none for the program's own. */
  readonly variable?: string;
  readonly tier: Tier;
  readonly issuer?: string;
  readonly owner?: string;
  readonly flagged: boolean;
  /** Git's value. */
  readonly fingerprint?: string;
  /** The worst of its places, and the least that is known of one; none for the program's own, which go nowhere. */
  readonly status?: Status;
  readonly confidence?: Confidence;
  readonly places: readonly SecretAt[];
  readonly age: SecretAge;
}

/** How one secret stands at one place. */
export interface SecretAt {
  readonly place: string;
  readonly status: Status;
  readonly confidence: Confidence;
  /** The value there, where it is known and not git's. */
  readonly there?: string;
  readonly services?: readonly string[];
}

/** Days are days of UTC. */
export interface SecretAge {
  /** The day of the last change, where the log tells, or git's history for a secret with an interval. */
  readonly changed?: string;
  /** Whole days since then. */
  readonly days?: number;
  /** The interval of inventory.yaml. */
  readonly interval?: number;
  /** The first day on which it is over its interval. */
  readonly due?: string;
  readonly standing: Standing;
}

/** `soon`: due within {@link SOON_DAYS}. `unknown`: it has an interval, and nobody knows when it was changed; that counts as overdue. */
export type Standing = "none" | "in time" | "soon" | "overdue" | "unknown";

/** How long before its day a rotation is announced. */
export const SOON_DAYS = 14;

/** A credential that no source holds. */
export interface ReportedOutside {
  readonly name: string;
  readonly tier: Tier;
  readonly purpose: string;
  readonly replacedBy: string;
  readonly verify: string;
  /** Places that still have a secret of that name. */
  readonly still: readonly string[];
}

/** One row of the log. */
export interface Rotation {
  readonly date: string;
  readonly secret: string;
  readonly reason: string;
  readonly rotator: string;
  readonly state: RowState;
  /** Whether it stands for a new value that was made. */
  readonly isChange: boolean;
  /** When every place had it, ISO 8601 in UTC, where the row says so. */
  readonly confirmed?: string;
  /** By when it has to be done. */
  readonly due?: string;
}
