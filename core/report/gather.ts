import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { assess, type Context, fingerprintsOf } from "../assess.js";
import { parseWholeInventory } from "../model/inventory.js";
import { readAges } from "../rotation/ages.js";
import { readKeys } from "../rotation/locate.js";
import { LOG_FILE, parseLog } from "../rotation/log.mjs";
import { buildReport } from "./build.js";
import type { Report } from "./model.js";

/**
 * Looks at the world as `p24 status` does, and at git's files beside that. Throws a FaultsError for what is wrong on git's
 * side; a place that cannot be asked is a line of the report.
 */
export async function gatherReport(context: Context, at: Date): Promise<Report> {
  const { root, stack } = context;
  const [seen, keys, log, inventory] = await Promise.all([
    assess(context),
    readKeys(root),
    readFile(join(root, LOG_FILE), "utf8").catch(() => ""),
    // A fault of this file is told by the comparison, together with all others.
    readFile(join(root, "inventory.yaml"), "utf8").catch(() => ""),
  ]);
  const whole = parseWholeInventory(inventory);
  const rows = parseLog(log);
  const { desired, fingerprinter, reports, warnings, checkout, ledger } = seen;
  const prints = new Map([
    ["github", fingerprintsOf(desired.github, fingerprinter)],
    ...[...desired.hosts].map(([host, entries]) => [host, fingerprintsOf(entries, fingerprinter)] as const),
  ]);
  const { head } = checkout;
  return buildReport({
    at,
    stack,
    seen: { reports, warnings, head, converged: ledger.converged, placed: desired.placed },
    prints,
    inventory: whole,
    keys: keys.all,
    rows,
    ages: await readAges(root, keys.all, whole.secrets, rows, at),
  });
}
