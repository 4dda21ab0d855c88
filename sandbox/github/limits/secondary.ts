/**
 * The secondary rate limit on content-creating requests. GitHub documents "in general, no more than 80 a minute and
 * 500 an hour". Off until told, so that a fast sandbox is possible; a test of the pacing turns it on.
 */
import { secondaryLimited } from "../http/errors.js";

/** Numbers of the limit and how it answers. */
export interface SecondaryLimit {
  perMinute: number;
  perHour: number;
  /** 403 unless told. */
  status?: 403 | 429;
  /** Seconds in Retry-After, 60 unless told; `null` leaves the header out, as GitHub sometimes does. */
  retryAfter?: number | null;
}

/** GitHub's documented numbers. */
export const DOCUMENTED: SecondaryLimit = { perMinute: 80, perHour: 500 };

/** Counts the writes of each caller. */
export class SecondaryCounter {
  limit: SecondaryLimit | undefined;
  private readonly writes = new Map<string, number[]>();

  constructor(private readonly milliseconds: () => number) {}

  /** Counts one write; ends it when there were too many. */
  take(caller: string): void {
    const now = this.milliseconds();
    const recent = (this.writes.get(caller) ?? []).filter((at) => at > now - 3_600_000);
    this.writes.set(caller, recent);
    if (this.limit) {
      const lastMinute = recent.filter((at) => at > now - 60_000).length;
      if (lastMinute >= this.limit.perMinute || recent.length >= this.limit.perHour) {
        const { status = 403, retryAfter = 60 } = this.limit;
        throw secondaryLimited(status, retryAfter ?? undefined);
      }
    }
    recent.push(now);
  }
}
