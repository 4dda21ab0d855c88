import * as pulumi from "@pulumi/pulumi";

import type { PlaceReport } from "../core/compare/report.js";
import { renderFault } from "../core/fault.js";

export interface CheckArgs {
  readonly reports: readonly PlaceReport[];
}

/**
 * A place that is verified and never written. Nothing that `up` does repairs it, so what is wrong there is told as an error of
 * this component, by a preview too.
 */
export abstract class Check extends pulumi.ComponentResource {
  /** Resolves when every fault is told. */
  readonly told: Promise<unknown>;

  protected constructor(type: string, name: string, args: CheckArgs, options?: pulumi.ComponentResourceOptions) {
    super(type, name, {}, options);
    // One thing that is wrong, such as a repository that cannot be seen, may spoil several reports.
    const faults = new Set(args.reports.flatMap((report) => report.faults.map(renderFault)));
    this.told = Promise.all([...faults].map((fault) => pulumi.log.error(fault, this)));
    this.registerOutputs({});
  }
}
