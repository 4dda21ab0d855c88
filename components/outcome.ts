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

/** A component that registers outputs when it says so, and else none. */
export abstract class QuietComponent extends pulumi.ComponentResource {
  /** The SDK calls it once more, without outputs, which would be registered as an entry that is empty. */
  protected override registerOutputs(outputs?: pulumi.Inputs | Promise<pulumi.Inputs>): void {
    if (outputs !== undefined) {
      super.registerOutputs(outputs);
    }
  }
}

/** A component whose registered outputs are an entry of the ledger. */
export abstract class LedgerComponent<T extends object> extends QuietComponent {
  /**
   * Registers the new entry when the write is confirmed, else the `previous` one, so that one failure spoils no other entry.
   * Where nothing is written nothing is registered: the engine keeps what it has, and has a third fewer calls to answer.
   */
  protected registerEntry(
    outcome: Outcome<T>,
    { previous, inSync }: { readonly previous: T | undefined; readonly inSync: boolean },
  ): void {
    if (!inSync && !pulumi.runtime.isDryRun()) {
      this.registerOutputs(outcome.then((entry) => entry ?? previous));
    }
  }
}
