import * as pulumi from "@pulumi/pulumi";

import { FaultsError } from "../core/fault.js";
import { type Ledger, ledgerFrom, type StateResource, unreadableState } from "../core/ledger.js";

/**
 * The ledger as the engine that runs this program has it: what readLedger asks a second engine for. `pulumi stack` has no
 * other way in; this one is the engine's own for reading a stack's resources (pulumi/pulumi, pkg/resource/deploy/builtins.go).
 * Throws a FaultsError.
 */
export async function engineLedger(stack: string): Promise<Ledger> {
  const read = pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName: stack }) as Promise<{
    outputs: Readonly<Record<string, Omit<StateResource, "urn">>>;
  }>;
  const { outputs } = await read.catch(() => {
    throw new FaultsError([unreadableState(stack)]);
  });
  return ledgerFrom(Object.entries(outputs).map(([urn, resource]) => ({ ...resource, urn })));
}
