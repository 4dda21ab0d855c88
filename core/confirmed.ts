/**
 * How the program that the engine runs tells the `p24 pulumi` that started the engine what it learned. An `up` looks at every
 * place before it writes; what it wrote is confirmed by the place itself. When that is all, nobody has to look again.
 */
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { renderReport, verdictText } from "./compare/render.js";
import type { PlaceReport } from "./compare/report.js";

/** Names the file that the program writes, in the environment of the engine. */
const FILE = "P24_CONFIRMED_FILE";

/** Where a run's confirmation is awaited. */
export interface Confirmation {
  /** What the engine's environment gets. */
  readonly env: Readonly<Record<string, string>>;
  /** The report to print, or `undefined` when the run did not confirm that every place is equal to git. */
  read(): Promise<string | undefined>;
  close(): Promise<void>;
}

export async function awaitConfirmation(): Promise<Confirmation> {
  const folder = await mkdtemp(join(tmpdir(), "p24-confirmed-"));
  const file = join(folder, "report");
  return {
    env: { [FILE]: file },
    read: () => readFile(file, "utf8").catch(() => undefined),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * Tells that every place is equal to git at `head`, to whom it may concern: an engine may run without `p24`. Where it cannot
 * be told, `p24` looks again.
 */
export async function confirm(
  reports: readonly PlaceReport[],
  head: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const file = env[FILE];
  if (file !== undefined) {
    await writeFile(`${file}.new`, `${renderReport(reports)}\n${verdictText([], head)}`)
      .then(() => rename(`${file}.new`, file))
      .catch(() => undefined);
  }
}
