import * as pulumi from "@pulumi/pulumi";

/** `Output.promise` is internal to the SDK; it is the only way to learn that a resource's operation failed. */
function promiseOf<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { promise(withUnknowns?: boolean): Promise<T> }).promise();
}

/** Whether the resource behind the output was created, updated or left as it is; `false` when that failed. */
export function settles(output: pulumi.Output<unknown>): Promise<boolean> {
  return promiseOf(output).then(
    () => true,
    () => false,
  );
}

/**
 * The output's value, or `previous` when its resource failed, so that one failure spoils no other output. A preview
 * knows no outcome and answers `previous`.
 */
export function orElse<T>(output: pulumi.Output<T>, previous: T | undefined): pulumi.Output<T | undefined> {
  const outcome = promiseOf<T | undefined>(output).catch(() => previous);
  return pulumi.output(pulumi.runtime.isDryRun() ? previous : outcome) as pulumi.Output<T | undefined>;
}
