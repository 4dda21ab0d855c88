/** Faults on demand: what tests make the API do wrong. */

/** One fault. The first one that fits a request is used. */
export interface Fault {
  /** `PUT`; any method when absent. */
  method?: string;
  /**
   * The path without host, base (`/api/v3`, `/client/v4`) and query. A string is a pattern: `*` stands for one segment's
   * text, `**` for any.
   */
  path: RegExp | string;
  /** The answer instead of the real one. Absent: the real answer, after the delay. */
  status?: number;
  /** How many requests it hits, 1 unless told; `Infinity` until removed. */
  times?: number;
  /** How many fitting requests pass first. */
  skip?: number;
  /** Seconds, for the Retry-After header. */
  retryAfter?: number;
  /** The body of the answer, sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  delayMs?: number;
  /** Cuts the connection instead of answering. */
  dropConnection?: boolean;
  /** The request takes effect all the same: a lost answer, a 502 after the write. */
  applied?: boolean;
}

/** A fault that was injected. */
export interface InjectedFault {
  /** Requests hit so far. */
  readonly hits: number;
  /** Takes it away. */
  remove(): void;
}

/** The faults that wait for a request. */
export class Faults {
  private readonly list: { fault: Fault; fits: (path: string) => boolean; skip: number; left: number; hits: number }[] =
    [];

  inject(fault: Fault): InjectedFault {
    if (fault.status === undefined && !fault.dropConnection && fault.delayMs === undefined) {
      throw new Error("a fault needs a status, a delay or a dropped connection");
    }
    const { path } = fault;
    const pattern = typeof path === "string" ? globbed(path) : path;
    const entry = {
      fault,
      fits: (given: string) => given.search(pattern) >= 0,
      skip: fault.skip ?? 0,
      left: fault.times ?? 1,
      hits: 0,
    };
    this.list.push(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        entry.left = 0;
      },
    };
  }

  /** The fault for a request, used up by one. */
  take(method: string, path: string): Fault | undefined {
    for (const entry of this.list) {
      if (entry.left <= 0 || !entry.fits(path)) continue;
      if (entry.fault.method !== undefined && entry.fault.method.toUpperCase() !== method) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      entry.hits += 1;
      return entry.fault;
    }
    return undefined;
  }

  clear(): void {
    this.list.length = 0;
  }
}

function globbed(pattern: string): RegExp {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) =>
      part === "**" ? ".*" : part === "*" ? "[^/]*" : part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`),
    );
  return new RegExp(`^${source.join("")}$`);
}
