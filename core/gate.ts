import type { Fault } from "./fault.js";
import type { Checkout } from "./observe/git.js";

/** Words of P24_OVERRIDE that let `up` run from a checkout that it would refuse. */
export type Override = "dirty" | "stale";

/** The overrides in P24_OVERRIDE: `dirty`, `stale`, or both with a comma. */
export function readOverrides(env: NodeJS.ProcessEnv): ReadonlySet<string> {
  return new Set(
    (env["P24_OVERRIDE"] ?? "")
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  );
}

/**
 * Why `up` must not run from this checkout: it would write what is not committed, or what is older than what a former
 * run has converged. A preview shows the same as warnings.
 */
export function checkoutFaults(checkout: Checkout, overrides: ReadonlySet<string>): Fault[] {
  const where = "git";
  const faults: Fault[] = [];
  if (checkout.head === undefined) {
    return [{ where, what: "this is not a checkout with a commit", repair: "run from a clone of the repository" }];
  }
  if (checkout.dirty.length > 0 && !overrides.has("dirty")) {
    const what = `files differ from the last commit: ${checkout.dirty.join(", ")}`;
    faults.push({ where, what, repair: "git commit, or git stash; to apply them all the same: P24_OVERRIDE=dirty" });
  }
  if (checkout.shallow && checkout.converged !== "none") {
    const what = "the clone is shallow, so it cannot be told whether it contains the last converged commit";
    faults.push({ where, what, repair: "git fetch --unshallow; in a workflow: actions/checkout with fetch-depth: 0" });
  } else if (!overrides.has("stale") && checkout.converged === "not contained") {
    const what = "this checkout does not contain the last converged commit";
    faults.push({ where, what, repair: "git pull; to go back on purpose: git revert, or P24_OVERRIDE=stale" });
  } else if (!overrides.has("stale") && checkout.converged === "unknown") {
    const what = "the last converged commit is not in this clone: history was rewritten, or not fetched";
    faults.push({ where, what, repair: "git fetch --all; after a rewritten history: P24_OVERRIDE=stale once" });
  }
  return faults;
}
