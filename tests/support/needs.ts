/**
 * Leaves a test or a suite (from its `before`) out on a machine that cannot run it, and says why. A build machine that runs as
 * root can run every test, so there it is a failure, as it is for the network (tests/loopback.mjs).
 */
export function needs(context: Mocha.Context, isThere: boolean, what: string): void {
  if (isThere) {
    return;
  }
  if (process.env["CI"] === "true" && process.getuid?.() === 0) {
    throw new Error(`a build machine has to have what this test needs: ${what}`);
  }
  console.log(`    left out, because it needs ${what}: ${context.test?.fullTitle() ?? ""}`);
  context.skip(); // a person's machine may lack it, and was told; in CI it is a failure, above
}
