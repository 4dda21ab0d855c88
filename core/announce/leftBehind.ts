import type { Ledger } from "../ledger.js";
import { run } from "../process.js";

/** What decides what every place should have; a change of anything else leaves no place behind. */
const DECIDING = ["secrets", ".sops.yaml", "inventory.yaml", "Pulumi.*.yaml"];

/**
 * Whether a run left places behind: one that began and did not converge everywhere, or none that ever began for what git wants
 * now (of queued runs GitHub drops all but the last). Otherwise what differs was changed at the place, and overwriting it is a
 * person's decision.
 */
export async function wasLeftBehind(
  root: string,
  { attempted, converged }: Pick<Ledger, "attempted" | "converged">,
): Promise<boolean> {
  if (converged === undefined || (attempted !== undefined && attempted !== converged)) {
    return true;
  }
  const args = ["diff", "--quiet", converged, "HEAD", "--", ...DECIDING];
  const { code } = await run("git", args, { cwd: root });
  return code !== 0; // 128: a commit that this clone does not know
}
