import { type Assessment, assess, readStackSecrets } from "../../core/assess.js";
import { type Fault, FaultsError } from "../../core/fault.js";
import { parseLog } from "../../core/rotation/log.mjs";
import { readAges } from "../../core/rotation/ages.js";
import { dayOf } from "../../core/rotation/due.js";
import type { Secret } from "../../core/seal/secret.js";
import { openWorkplace } from "../rotation/workplace.js";
import { openStack, readSettings, stackName } from "../stack.js";
import { EXIT, type ExitCode, type Invocation } from "../verb.js";
import { verdict } from "../world.js";
import { homeOf } from "./home.js";

/** What a run that reports has seen: the comparison, or what kept it from being made. */
export interface Seen {
  readonly seen: Assessment | undefined;
  readonly faults: readonly Fault[];
  /** The channel's webhook, when git has one and it can be opened. */
  readonly webhook: Secret | undefined;
}

export interface Look extends Seen {
  /** Where to report to: `radieu/p24-infra`. */
  readonly repository: string;
}

type Site = Pick<Invocation, "root" | "options" | "env">;

/** Looks at every place. Throws a FaultsError only when the settings do not say where to report to. */
export async function look(site: Site): Promise<Look> {
  const { root, options, env } = site;
  const repository = homeOf(await readSettings(root, stackName(options["stack"], env), "bootstrap"));
  return { repository, ...(await lookAtPlaces(site)) };
}

/** The same for who knows where to report to. */
export async function lookAtPlaces({ root, options, env }: Site): Promise<Seen> {
  try {
    const stack = await openStack(root, stackName(options["stack"], env), env);
    try {
      const seen = await assess(stack.context);
      return { seen, faults: [], webhook: seen.stackSecrets.alert_webhook_url };
    } finally {
      await stack.close();
    }
  } catch (error) {
    if (!(error instanceof FaultsError)) {
      throw error;
    }
    const own = await readStackSecrets(root, env).catch(() => undefined);
    return { seen: undefined, faults: error.faults, webhook: own?.alert_webhook_url };
  }
}

/** As `status`: what cannot be read is bad input. */
export function codeOf({ seen }: Pick<Seen, "seen">): ExitCode {
  return seen === undefined ? EXIT.badInput : verdict(seen.reports);
}

/** Longer than any place is down over a weekend: docs/runbook.md, RotationOverdue. */
const OPEN_ROW_DAYS = 3;
const MS_A_DAY = 86_400_000;

/**
 * Secrets over their interval, rotations that were not done by their time, and rows that stay open. What cannot be read is
 * reported by the look itself.
 */
export async function overdueNow(site: Site, now: Date): Promise<{ secret: string; what: string }[]> {
  let place;
  try {
    place = await openWorkplace(site);
  } catch (error) {
    if (error instanceof FaultsError) {
      return [];
    }
    throw error;
  }
  const rows = parseLog(place.log);
  const ages = await readAges(place.root, place.keys.all, place.inventory, rows, now);
  const long = dayOf(new Date(now.getTime() - OPEN_ROW_DAYS * MS_A_DAY));
  const found = [
    ...ages
      .filter(({ isOver }) => isOver)
      .map(({ secret, changed, days }) => ({
        secret: secret.row,
        what: `changed ${changed ?? "nobody knows when"}, every ${String(days)} days`,
      })),
    ...rows
      .filter(({ due }) => due !== undefined && Date.parse(due) <= now.getTime())
      .map(({ secret, due }) => ({ secret, what: `was to be rotated by ${due ?? ""}` })),
    ...rows
      .filter(({ state, date }) => state === "pending" && /^\d{4}-\d{2}-\d{2}$/.test(date) && date < long)
      .map(({ secret, date }) => ({ secret, what: `its row of ${date} is not confirmed` })),
  ];
  return found.filter(({ secret }, at) => found.findIndex((other) => other.secret === secret) === at);
}
