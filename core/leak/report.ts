import { type Inventory, type OutsideEntry } from "../model/inventory.js";
import type { Settings } from "../model/settings.js";
import { tierTitle } from "../model/tiers.js";
import { isAbout, type Located, locatedAt } from "../rotation/locate.js";
import { isOpen, type LogRow, type NewRow, toRotateBy } from "../rotation/log.mjs";
import { dayOf } from "../rotation/due.js";
import { derivedPlaces } from "./places.js";
import { inOrder, type Ranked, remedyFor, stepsFor } from "./remedy.js";
import type { FormerAt, Standing } from "./standing.js";

/** Any secret that was exposed is rotated within so many hours (spec 03, rulebook, 5). */
export const DUE_HOURS = 24;

/** Where an exposed value was seen, never with the value. */
export interface Found {
  /** A file of a commit, a commit's message, `standard input`. */
  readonly where: string;
  readonly line?: number;
  /** `plain`, `base64 (offset 1)`. */
  readonly form: string;
}

/** A secret whose present value is exposed. */
export interface Exposed {
  /** As the log's rows name it. */
  readonly secret: string;
  /** The source; `undefined` for what no source holds. */
  readonly path?: string;
  readonly tier: 1 | 2 | 3;
  readonly about: string;
  /** Other keys with the same value; each is exposed, too, and has an entry of its own. */
  readonly sameValue: readonly string[];
  readonly places: readonly string[];
  readonly steps: readonly string[];
  readonly found: readonly Found[];
}

/** A value that git no longer has under a key. */
export interface Former {
  readonly secret: string;
  readonly path: string;
  readonly replacedBy: string;
  readonly replacedAt: string;
  readonly since: number;
  /** What may still have it: `confirmed` when every place was seen with a later value. */
  readonly state: "confirmed" | "not confirmed" | "unknown";
  readonly issuer?: string;
  readonly found: readonly Found[];
}

/** What git says of keys and places. */
export interface Ground {
  readonly keys: readonly Located[];
  readonly settings: Pick<Settings, "github" | "hosts" | "cloudflare">;
  readonly inventory: Inventory;
  readonly rows: readonly LogRow[];
}

/** One value that was exposed: where it stands, and where it was seen. */
export interface Sighting {
  readonly standing: Standing;
  readonly found: readonly Found[];
}

/** Every secret whose present value was seen, in the order in which they are to be rotated. */
export function exposedSecrets(sightings: readonly Sighting[], ground: Ground): Exposed[] {
  const ranked = sightings.flatMap(({ standing, found }) => {
    const all = [...standing.present, ...standing.elsewhere].map((at) => locatedAt(at, ground.keys));
    return all.map((one): Ranked & { located: Located; found: readonly Found[]; sameValue: string[] } => ({
      secret: one.row,
      source: one.source,
      key: one.key,
      remedy: remedyFor(one, ground.inventory),
      places: derivedPlaces(one, ground.settings, ground.inventory),
      located: one,
      found,
      sameValue: all.filter((other) => other !== one).map(({ row }) => row),
    }));
  });
  return inOrder(ranked).map(({ secret, located: { path, key }, remedy, places, found, sameValue }) => {
    const tier = ground.inventory.get(key)?.tier ?? 3;
    return { secret, path, tier, about: tierTitle(tier), sameValue, places, steps: stepsFor(secret, remedy), found };
  });
}

/** Every key that had a value which was seen, and has another one now. */
export function formerSecrets(sightings: readonly Sighting[], ground: Ground): Former[] {
  return sightings.flatMap(({ standing, found }) =>
    standing.former.map((at) => {
      const one = locatedAt(at, ground.keys);
      const { issuer } = remedyFor(one, ground.inventory);
      return {
        secret: one.row,
        path: at.path,
        replacedBy: at.replacedBy,
        replacedAt: at.replacedAt,
        since: at.since,
        state: stateOf(at, one, ground.rows),
        ...(issuer === undefined || issuer === "ours" ? {} : { issuer }),
        found,
      };
    }),
  );
}

/** A later value that no row confirms may not be at every place yet: then this one still is. */
function stateOf({ replacedAt }: FormerAt, one: Located, rows: readonly LogRow[]): Former["state"] {
  const own = rows.filter(({ secret }) => isAbout(secret, one));
  if (own.some(({ state }) => state === "pending")) {
    return "not confirmed";
  }
  const day = replacedAt.slice(0, 10);
  return own.some(({ state, date }) => state === "confirmed" && date >= day) ? "confirmed" : "unknown";
}

/** A credential that no source holds: its tier and what took its place stand in inventory.yaml. */
export function exposedOutside(name: string, { tier, purpose, replaced_by }: OutsideEntry): Exposed {
  const steps = [
    `where it was issued: revoke it (${purpose})`,
    `it is not renewed: ${replaced_by}`,
    `a copy at GitHub: npm run p24 -- retire ${name} --unknown`,
    "close its row in docs/secrets-rotation-log.md by hand: yes, and the time (UTC)",
  ];
  return { secret: name, tier, about: tierTitle(tier), sameValue: [], places: [], steps, found: [] };
}

/** The row of an exposed secret, and when its rotation is due, ISO 8601 in UTC. */
export interface Due {
  readonly secret: string;
  readonly due: string;
  /** Whether the log has it already. */
  readonly isThere: boolean;
}

/**
 * The rows that the log lacks: one for each exposed secret, due {@link DUE_HOURS} from now. A row that already asks for this
 * rotation by a time that is no later is enough.
 */
export function rowsFor(
  exposed: readonly Exposed[],
  rows: readonly LogRow[],
  reason: string,
  now: Date,
): { readonly due: Due[]; readonly append: NewRow[] } {
  const by = new Date(now.getTime() + DUE_HOURS * 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
  const append: NewRow[] = [];
  const due = exposed.map(({ secret }): Due => {
    const there = rows.find((row) => row.secret === secret && isOpen(row) && row.due !== undefined && row.due <= by);
    if (there?.due !== undefined) {
      return { secret, due: there.due, isThere: true };
    }
    if (!append.some((row) => row.secret === secret)) {
      append.push({ date: dayOf(now), secret, reason, rotator: "", confirmed: toRotateBy(by) });
    }
    return { secret, due: by, isThere: false };
  });
  return { due, append };
}
