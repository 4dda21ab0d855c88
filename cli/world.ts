import { assess, type Context } from "../core/assess.js";
import { renderReport, verdictText } from "../core/compare/render.js";
import { isConverged, type PlaceReport } from "../core/compare/report.js";
import { type Fault, renderFault } from "../core/fault.js";
import { EXIT, type ExitCode } from "./verb.js";

/** The exit code that a comparison calls for. */
export function verdict(reports: readonly PlaceReport[]): ExitCode {
  if (reports.some(({ faults }) => faults.length > 0)) {
    return EXIT.blocked;
  }
  return reports.every(isConverged) ? EXIT.ok : EXIT.drift;
}

/** What should be repaired and stops nothing. */
export function warn(warnings: readonly Fault[]): void {
  process.stderr.write(warnings.map((warning) => `warning: ${renderFault(warning)}\n`).join(""));
}

/** Looks at the world, prints the comparison and one sentence about it, and gives the exit code that it calls for. */
export async function reportWorld(context: Context, print: (text: string) => void): Promise<ExitCode> {
  const { reports, checkout, ledger, warnings } = await assess(context);
  warn(warnings);
  print(renderReport(reports));
  if (ledger.interrupted > 0) {
    print(
      `A killed run left ${String(ledger.interrupted)} unfinished operations in the state. What they did is compared above; to clear the list:\n` +
        `  npm run p24 -- pulumi -- refresh --clear-pending-creates --yes`,
    );
  }
  const open = reports.filter((report) => !isConverged(report)).map(({ place }) => place);
  print(verdictText(open, checkout.head));
  return verdict(reports);
}
