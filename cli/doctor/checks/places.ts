import { isConverged, type PlaceReport } from "../../../core/compare/report.js";
import { HOST_PROGRAM, type HostObservation } from "../../../core/observe/host.js";
import { bad, type Check, type Finding, ok, ofFault } from "../check.js";

/** Every derived place, as the preview sees it; of a host also its program and its identity. */
export const places: Check = {
  area: "places",
  look({ opened, faults }) {
    const seen = opened?.seen;
    if (seen === undefined) {
      const shown = faults.map((fault) => ofFault(fault));
      return Promise.resolve(shown.length > 0 ? shown : [bad("unknown", "cannot be compared", "npm run p24 -- init")]);
    }
    const hosts = [...seen.hosts].flatMap(([name, observed]) =>
      "seen" in observed ? ofHost(name, observed.seen) : [],
    );
    return Promise.resolve([...seen.reports.flatMap(ofPlace), ...hosts]);
  },
};

function ofPlace(report: PlaceReport): Finding[] {
  if (report.faults.length > 0) {
    return report.faults.map((fault) => ofFault(fault, "unknown"));
  }
  return isConverged(report)
    ? [ok(`${report.place} is equal to git (${report.confidence})`)]
    : [bad("warn", `${report.place} is not equal to git: ${report.status}`, "npm run preview, then npm run up")];
}

/** What a comparison passes over, because it hinders nothing yet. */
export function ofHost(name: string, { program, identity, recipient, pending }: HostObservation): Finding[] {
  const install = `npm run p24 -- host install ${name}`;
  const findings: Finding[] = [];
  if (program !== HOST_PROGRAM) {
    findings.push(
      bad(
        "warn",
        `host ${name} runs version ${String(program)} of the host program; this is ${String(HOST_PROGRAM)}`,
        install,
      ),
    );
  }
  if (identity !== "ok") {
    const what = identity === "absent" ? "has no age identity" : "has an age identity that others can read";
    findings.push(bad("fault", `host ${name} ${what}`, install));
  }
  if (pending) {
    findings.push(bad("warn", `host ${name} has begun an apply and not finished it`, "npm run up"));
  }
  return findings.length > 0
    ? findings
    : [ok(`host ${name}: program ${String(program)}, identity ${recipient ?? "unknown"}`)];
}
