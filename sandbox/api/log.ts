/** What was asked of the API: who, what, with which result. Never a header, never a body. */

/** One request. */
export interface LoggedRequest {
  /** ISO 8601 with milliseconds. */
  at: string;
  method: string;
  /** Without host, base (`/api/v3`, `/client/v4`) and query. */
  path: string;
  /** Without `?`; empty when there is none. */
  query: string;
  /** 0 when the connection was cut instead of answered. */
  status: number;
  /** At GitHub `classic:LOGIN`, `installation:APP@OWNER`, `workflow:OWNER/REPO`, `app:SLUG`, `anonymous`; or `refused`. */
  caller: string;
  /** Whether an injected fault made this answer. */
  fault: boolean;
}

/** The log of one world. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];
  private readonly listeners = new Set<(entry: LoggedRequest) => void>();

  add(entry: LoggedRequest): void {
    this.entries.push(entry);
    for (const listener of this.listeners) listener(entry);
  }

  /** Called after every request; returns what ends it. */
  listen(listener: (entry: LoggedRequest) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Forgets all entries. */
  clear(): void {
    this.entries.length = 0;
  }
}
