import * as pulumi from "@pulumi/pulumi";

import { type HistoryOutputs, LEDGER_TYPES } from "../core/ledger.js";

/** What a run attempts. Registered first, so that it is saved even when the run is killed right after. */
export class History extends pulumi.ComponentResource {
  constructor(name: string, outputs: HistoryOutputs, options?: pulumi.ComponentResourceOptions) {
    super(LEDGER_TYPES.history, name, {}, options);
    this.registerOutputs(outputs);
  }
}
