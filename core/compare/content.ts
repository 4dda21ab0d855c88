import { createHash } from "node:crypto";

import type { Fingerprint } from "../seal/fingerprint.js";

/** What the last run left the hosts with. */
export interface Left {
  /** Of the fingerprints that the contents are made of. */
  readonly keyId: string;
  /** By host: {@link contentOf}. None of a host that did not confirm it. */
  readonly hosts: Readonly<Record<string, string>>;
}

/** What the stack remembers (core/ledger.ts), as far as it makes a write certain. */
export interface Remembered {
  readonly left: Left | undefined;
  /** By host: the last serial that it confirmed. */
  readonly serials: ReadonlyMap<string, number>;
}

/** All that git wants of one host's file in 8 hex digits: the target, and names and values, of which `desired` has the fingerprints. */
export function contentOf(target: string, desired: ReadonlyMap<string, Fingerprint>): string {
  const lines = [...desired].map(([name, fingerprint]) => `${name} ${fingerprint}\n`).sort();
  const digest = createHash("sha256").update(`${target}\n${lines.join("")}`);
  return digest.digest("hex").slice(0, 8);
}

/**
 * The hosts that have to be written, whatever a look at them would say: the last run left them with something else than git
 * wants now (`wanted`: its content by host). Two contents with the same 8 digits, or fingerprints under another key, make a look.
 */
export function certainWrites(
  wanted: ReadonlyMap<string, string>,
  keyId: string,
  { left, serials }: Remembered,
): ReadonlySet<string> {
  const known = left?.keyId === keyId ? left.hosts : {};
  const isCertain = ([host, content]: readonly [string, string]) =>
    known[host] !== undefined && known[host] !== content && serials.has(host);
  return new Set([...wanted].filter(isCertain).map(([host]) => host));
}
