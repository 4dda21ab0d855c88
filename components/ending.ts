import * as pulumi from "@pulumi/pulumi";

import type { Assessment } from "../core/assess.js";
import { compactReport } from "../core/compare/render.js";
import { isConverged, type PlaceReport, settled } from "../core/compare/report.js";
import { confirm } from "../core/confirmed.js";
import { renderFault } from "../core/fault.js";
import { verifiedReports } from "../core/further.js";
import type { Ledger } from "../core/ledger.js";
import { READS_AGAIN, TELLS_REPLACED } from "../core/observe/host.js";
import type { Replaced } from "./vpsEnvFile.js";

/** What becomes of what this run writes. */
export interface Written {
  /** By place: whether it is as git wants it. */
  readonly confirmed: Map<string, Promise<boolean>>;
  /** By host: what the write replaced. */
  readonly replaced: Map<string, Promise<Replaced | undefined>>;
}

/**
 * What the stack remembers of this run, as its outputs. A place that a person must repair makes the run fail, after all others. The first
 * run, and one after a run that did not end well, confirm nothing: there is more to see than this run has done. Nor does a
 * host whose program is older than its part in that.
 */
export async function outcome(seen: Assessment, written: Written): Promise<Record<string, unknown>> {
  const report = await Promise.all(seen.reports.map((place) => afterwards(place, written.confirmed.get(place.place))));
  const told = new Set(verifiedReports(seen.further).flatMap(({ faults }) => faults));
  for (const fault of report.flatMap(({ faults }) => faults).filter((each) => !told.has(each))) {
    await pulumi.log.error(renderFault(fault));
  }
  await warnOfReplaced(seen, written);
  const isEqual = report.every(isConverged);
  const { attempted, converged } = seen.ledger;
  const readAgain = [...seen.hosts.keys()].every((host) => runsProgram(seen, host, READS_AGAIN));
  if (isEqual && converged !== undefined && converged === attempted && readAgain) {
    await confirm(report, seen.checkout.head, process.env);
  }
  const equal = new Set(report.filter(isConverged).map(({ place }) => place));
  const hosts = [...seen.contents].filter(
    ([host]) => equal.has(`host:${host}`) && runsProgram(seen, host, TELLS_REPLACED),
  );
  const left = { keyId: seen.fingerprinter.keyId, hosts: Object.fromEntries(hosts) };
  return outputs(report, { converged: isEqual ? seen.checkout.head : converged, left });
}

/** A host that was not asked had a program that is new enough when it was asked last, and confirms nothing with an older one. */
function runsProgram({ hosts }: Assessment, name: string, version: number): boolean {
  const host = hosts.get(name);
  return host !== undefined && ("notAsked" in host || ("seen" in host && host.seen.program >= version));
}

/** Who edited a host's file by hand would find it gone, and nobody had looked before. */
async function warnOfReplaced({ hosts }: Assessment, { replaced }: Written): Promise<void> {
  for (const [name, what] of replaced) {
    if ((await what) === "other" && "notAsked" in (hosts.get(name) ?? {})) {
      await pulumi.log.warn(
        renderFault({
          where: `host ${name}`,
          what: "had another .env file than the last apply left there: somebody had edited it",
          repair: "what it was stands in .env.previous beside it, until the next apply; take into git what shall stay",
        }),
      );
    }
  }
}

/** The stack's outputs: what a preview leaves as it is, and what an `up` has found and left. */
export function outputs(
  reports: readonly PlaceReport[],
  { converged, left }: Pick<Ledger, "converged" | "left">,
): Record<string, unknown> {
  return {
    report: compactReport(reports),
    ...(converged === undefined ? {} : { converged }),
    ...(left === undefined ? {} : { left }),
  };
}

async function afterwards(report: PlaceReport, confirmed: Promise<boolean> | undefined): Promise<PlaceReport> {
  const written = (await confirmed) === true && report.faults.length === 0;
  return written ? settled(report) : report;
}
