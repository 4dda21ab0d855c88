import { type Opened } from "../../core/access/render.js";
import { withRows } from "../../core/access/rows.js";
import { toRotate } from "../../core/access/toRotate.js";
import { FaultsError } from "../../core/fault.js";
import { dataKeysOf, exposureOf } from "../../core/exposure/exposure.js";
import { readKnown } from "../../core/leak/known.js";
import { exposedRoot } from "../../core/leak/roots.js";
import { ROOTS_OF_TRUST } from "../../core/model/names.js";
import { dayOf } from "../../core/rotation/due.js";
import type { Invocation } from "../verb.js";
import type { Workplace } from "../rotation/workplace.js";
import type { AccessPlace } from "./place.js";

/** What an identity could open, told from git's history, and what follows from it. */
export interface Past extends Opened {
  /** The public parts that ever stood behind the name. */
  readonly recipients: ReadonlySet<string>;
  /** Sources of which they have the present data key, whether or not they are still listed. */
  readonly rotated: readonly string[];
}

/** Public parts that stay: those of the name's next identity. */
type Staying = ReadonlySet<string>;

/** Reads it. Throws a FaultsError for a name that .sops.yaml never had. */
export async function readPast(
  place: AccessPlace,
  work: Pick<Workplace, "keys" | "settings" | "inventory">,
  name: string,
  staying: Staying = new Set(),
): Promise<Past> {
  const known = await readKnown(place.root, place.env);
  const now = place.recipients.byName.get(name);
  const ever = new Set([...(known.names.get(name) ?? []), ...(now === undefined ? [] : [now])]);
  const recipients = new Set([...ever].filter((one) => !staying.has(one) && !one.includes("placeholder")));
  if (ever.size === 0) {
    const repair = `name one of: ${[...place.recipients.byName.keys()].join(", ")}`;
    throw new FaultsError([{ where: ".sops.yaml", what: "never had the name that was given", repair }]);
  }
  const exposure = exposureOf(known.history, recipients);
  const hasDataKey = dataKeysOf([...known.history.versions, ...known.files], recipients);
  return {
    name,
    recipients,
    rotated: known.files.filter(hasDataKey).map(({ path }) => path),
    secrets: toRotate(exposure, { keys: work.keys.all, settings: work.settings, inventory: work.inventory }),
    gone: exposure.gone,
    outside: [],
  };
}

/** The roots of trust, of which a person may have a copy; the App's number is no secret. */
export function rootsOf({ settings }: Pick<Workplace, "settings">): Opened["outside"] {
  const { owner, home } = settings.github;
  const roots = [...ROOTS_OF_TRUST].filter((root) => root !== "P24_BOT_APP_ID");
  return roots.map((root) => exposedRoot(root, home === undefined ? undefined : `${owner}/${home}`));
}

const MS_A_DAY = 86_400_000;
const DAYS = 7;

/** The options of a verb that opens rows. */
export const WITHIN_OPTIONS = { within: { type: "string" } } as const;
export const WITHIN_HELP = [
  `--within DAYS     by when the values are to be rotated, for their rows in the log: ${String(DAYS)} by default`,
];

/** The rows that are opened, for {@link changeAccess}. Throws a FaultsError for days that are none. */
export function rowsOf({ secrets }: Opened, reason: string, { log }: Workplace, options: Invocation["options"]) {
  const { within = String(DAYS) } = options;
  if (typeof within !== "string" || !/^\d{1,3}$/.test(within)) {
    throw new FaultsError([{ where: "--within", what: "is no number of days", repair: `--within ${String(DAYS)}` }]);
  }
  const now = new Date();
  const due = new Date(now.getTime() + Number(within) * MS_A_DAY);
  const names = secrets.map(({ secret }) => secret);
  return { reason, log: withRows(log, names, reason, dayOf(now), due) };
}

/** As JSON: without what only the lines for people need. */
export function plainOf({ secrets, gone, outside }: Opened) {
  return {
    toRotate: secrets.map(({ remedy, ...one }) => ({ ...one, issuer: remedy.issuer ?? null })),
    gone,
    byHand: outside.map(({ secret, steps }) => ({ secret, steps })),
  };
}
