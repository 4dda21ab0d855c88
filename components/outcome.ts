import * as pulumi from "@pulumi/pulumi";

/** `Output.promise` is internal to the SDK; it is the only way to learn that a resource's operation failed. */
function promiseOf<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { promise(withUnknowns?: boolean): Promise<T> }).promise();
}

/** How a write ended: its ledger entry once it is confirmed, `undefined` when it failed or cannot be confirmed. */
export type Outcome<T> = Promise<T | undefined>;

/** Follows the output of a resource that is written in this run. Never rejects. */
export function follow<T>(output: pulumi.Output<T | undefined>): Outcome<T> {
  return promiseOf(output).catch(() => undefined);
}

/**
 * What a component registers for the ledger: the new entry when the write is confirmed, else the `previous` one, so that
 * one failure spoils no other entry. A preview knows no outcome and registers `previous`.
 */
export function ledgerEntry<T>(outcome: Outcome<T>, previous: T | undefined): pulumi.Input<T | undefined> {
  return pulumi.runtime.isDryRun() ? previous : outcome.then((entry) => entry ?? previous);
}
