import { isIP } from "node:net";

import { FaultsError } from "../../core/fault.js";

/**
 * Refuses settings whose hosts are not loopback: the sandbox never talks to a real machine. Names are not looked up;
 * of names only `localhost` is loopback.
 */
export function checkLoopback(hosts: unknown): void {
  const entries = Object.entries((hosts ?? {}) as Record<string, { address?: string } | undefined>);
  const faults = entries
    .filter(([, host]) => !isLoopback(host?.address ?? "127.0.0.1"))
    .map(([name, host]) => ({
      where: "sandbox settings",
      name: `hosts.${name}.address`,
      what: `${String(host?.address)} is not a loopback address; the sandbox does not start`,
      repair: "use 127.0.0.1, ::1 or localhost",
    }));
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
}

function isLoopback(address: string): boolean {
  if (isIP(address) === 4) {
    return address.startsWith("127.");
  }
  return address === "localhost" || address === "::1" || address === "0:0:0:0:0:0:0:1";
}
