/** What the fence turned away, and the words in which it says so. */
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** One refused request: when (ISO 8601), whom it wanted to reach (`scheme://host:port`, no path, no user part), and why not. */
export interface Refusal {
  at: string;
  target: string;
  reason: string;
}

/** Takes note of refusals and answers them. */
export interface Refusals {
  readonly list: Refusal[];
  /** Answers a CONNECT, or anything else that has no response object. */
  raw(socket: Duplex, target: string, reason: string): void;
  /** Answers a request. */
  http(response: ServerResponse, target: string, reason: string): void;
  /** Takes note only: the connection is cut without an answer. */
  note(target: string, reason: string): void;
}

/** A target fit for a log and for a status line: printable, no user part, no path, at most 200 characters. */
export function printable(target: string): string {
  const scheme = /^[a-z]+:\/\//i.exec(target)?.[0] ?? "";
  const rest = target.slice(scheme.length);
  const shown = rest.includes("@") ? `(user part)@${rest.slice(rest.lastIndexOf("@") + 1)}` : rest;
  const host = shown.split(/[/?#\\]/, 1)[0] || "(nothing)";
  return (scheme + host).replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

const sentence = (target: string, reason: string): string =>
  `refused by the sandbox's fence: ${target}: ${reason}. Nothing was connected.`;

/**
 * @param onRefused called once for each refusal
 * @param now the clock of `at`
 */
export function createRefusals(onRefused: ((refusal: Refusal) => void) | undefined, now: () => Date): Refusals {
  const list: Refusal[] = [];
  const note = (raw: string, reason: string): string => {
    const target = printable(raw);
    const refusal = { at: now().toISOString(), target, reason };
    list.push(refusal);
    onRefused?.(refusal);
    return sentence(target, reason);
  };
  return {
    list,
    note: (target, reason) => void note(target, reason),
    raw(socket, target, reason) {
      const body = `${note(target, reason)}\n`;
      // Go shows the reason phrase and nothing else of a refused CONNECT.
      socket.end(
        `HTTP/1.1 403 ${body.trim()}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
          `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
    },
    http(response, target, reason) {
      const body = `${note(target, reason)}\n`;
      response.writeHead(403, body.trim(), {
        "content-type": "text/plain; charset=utf-8",
        "content-length": Buffer.byteLength(body),
        connection: "close",
      });
      response.end(body);
    },
  };
}
