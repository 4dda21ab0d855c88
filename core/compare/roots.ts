import { ROOTS_OF_TRUST } from "../model/names.js";
import type { Observed, RepositoryObservation } from "../observe/github.js";
import type { PlaceReport } from "./report.js";

/**
 * Whether each root of trust is there in the repository that holds the workflows. They are set by hand, so one that is
 * missing is told and hinders nobody: which of them a team uses is its own choice (docs/security.md, "What is trusted").
 */
export function compareRoots(
  repository: string,
  observed: Observed<Pick<RepositoryObservation, "secrets">>,
): PlaceReport {
  const common = { place: `roots:${repository}`, names: [], faults: [] };
  if ("unreachable" in observed) {
    const counts = { unreachable: ROOTS_OF_TRUST.size };
    const notes = [`see github:${repository}`];
    return { ...common, status: "unreachable", confidence: "unreachable", counts, notes };
  }
  const missing = [...ROOTS_OF_TRUST].filter((name) => !observed.seen.secrets.has(name));
  const there = ROOTS_OF_TRUST.size - missing.length;
  return {
    ...common,
    status: missing.length === 0 ? "in sync" : "missing",
    confidence: "present",
    counts: {
      ...(there === 0 ? {} : { "in sync": there }),
      ...(missing.length === 0 ? {} : { missing: missing.length }),
    },
    notes: missing.map((name) => `${name} is not there; where it is used: gh secret set ${name} --repo ${repository}`),
  };
}
