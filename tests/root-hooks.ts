/**
 * Mocha passes when an assertion fails inside an `apply` that nobody awaits. Here any rejection that nobody
 * handled, and any exception outside a test, fails the run.
 */
const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));

export const mochaHooks = {
  async afterEach(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const reason = unhandled.shift();
    if (reason !== undefined) {
      throw new Error("a rejection was not handled during this test", { cause: reason });
    }
  },
};
