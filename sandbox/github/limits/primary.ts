/** The primary rate limit: requests an hour and caller, and the headers that tell how many are left. */
import { callerName, type Credential } from "../access/credentials.js";
import { rateLimited } from "../http/errors.js";
import type { Schema } from "../state/types.js";

const HOUR_MS = 60 * 60 * 1000;

interface Window {
  limit: number;
  used: number;
  /** Milliseconds. */
  resetsAt: number;
}

/** Counts requests. */
export class PrimaryLimit {
  private readonly windows = new Map<string, Window>();

  constructor(private readonly milliseconds: () => number) {}

  /** Counts one request; ends it with 403 when none is left. */
  take(caller: Credential): void {
    const window = this.window(caller);
    if (window.used >= window.limit) throw rateLimited(described(caller));
    window.used += 1;
  }

  /** Gives one back: an answer 304 does not count. */
  giveBack(caller: Credential): void {
    const window = this.window(caller);
    window.used = Math.max(0, window.used - 1);
  }

  /** Sets how many requests a caller (as in the request log) has left until the window ends. */
  setRemaining(caller: string, remaining: number): void {
    const window = this.windows.get(caller) ?? this.fresh(5000);
    window.used = Math.max(0, window.limit - remaining);
    this.windows.set(caller, window);
  }

  headers(caller: Credential): Record<string, string> {
    const { limit, remaining, used, reset } = this.view(caller);
    return {
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(remaining),
      "x-ratelimit-used": String(used),
      "x-ratelimit-reset": String(reset),
      "x-ratelimit-resource": "core",
    };
  }

  /** As `GET /rate_limit` shows it; `reset` in seconds. */
  view(caller: Credential): Schema<"rate-limit"> {
    const { limit, used, resetsAt } = this.window(caller);
    return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(resetsAt / 1000) };
  }

  private window(caller: Credential): Window {
    const name = callerName(caller);
    let window = this.windows.get(name);
    if (!window || window.resetsAt <= this.milliseconds()) {
      window = this.fresh(hourly(caller));
      this.windows.set(name, window);
    }
    return window;
  }

  private fresh(limit: number): Window {
    return { limit, used: 0, resetsAt: this.milliseconds() + HOUR_MS };
  }
}

/** Requests an hour, as GitHub documents them: users and installations 5,000, a workflow 1,000 a repository, others 60. */
function hourly(caller: Credential): number {
  if (caller.kind === "anonymous") return 60;
  return caller.kind === "workflow" ? 1000 : 5000;
}

function described(caller: Credential): string {
  switch (caller.kind) {
    case "classic":
    case "fine-grained":
      return `user ID ${caller.user.id}`;
    case "installation":
      return `installation ID ${caller.installation.id}`;
    case "workflow":
      return `installation`;
    default:
      return "this caller";
  }
}
