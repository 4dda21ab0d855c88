/** Attempts to reach a host, with the official plugin's back-off (Pulumi's sdk/go/common/util/retry). */
import type { Log } from "../wire/engine.js";
import { Failure } from "../wire/failure.js";

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** A dial in progress: where its attempts are reported and what ends the waiting between them. */
export interface Dialing {
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Repeats `attempt` until it succeeds. `limit` failures are retried (so there is one attempt more), -1 means without end.
 * Waits 0.1 s, then half as much again each time, at most 5 s. A wrong host identity is retried like everything else.
 */
export async function attempts<T>(
  what: string,
  limit: number,
  dialing: Dialing,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failed = 0, delay = 100; ; failed++, delay = Math.min(delay * 1.5, 5000)) {
    try {
      return await attempt();
    } catch (err) {
      if (!(err instanceof Failure)) throw err;
      if (limit > -1 && failed + 1 > limit) {
        throw new Failure(`after ${String(failed)} failed attempts: ${err.message}`);
      }
      await dialing.log.status(
        `${what} ${String(failed + 1)}/${limit === -1 ? "inf" : String(limit)} failed: retrying`,
      );
      await pause(delay, dialing.signal);
    }
  }
}
