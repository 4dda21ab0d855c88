import { quoteForShell } from "../../core/shell.js";

/** `plan` looks, `apply` changes what is not as wanted. */
export type Mode = "plan" | "apply";

/** What a host gets, by the names that host/install reads. All of it is public. */
export interface Parts {
  /** The host's name, as payloads are signed for it. */
  readonly host: string;
  /** Its line of /etc/p24-host/targets. */
  readonly target_line: string;
  /** Whom the sync logs in as. */
  readonly user: string;
  /** `ssh-ed25519 AAAA…` */
  readonly sync_public: string;
  /** Public part of the payload signer, SPKI PEM. */
  readonly signer: string;
  /** age recipients, one a line. */
  readonly observers: string;
  /** The folder that node_exporter reads, whether or not it is there. */
  readonly metrics: string;
  /** The text of host/p24-host. */
  readonly host_program: string;
}

/**
 * The text for `sh -s` on the host: the parts as assignments, then `installer` (host/install). Nothing of it is run before
 * its last line has arrived. A checkout with CRLF gives the same text.
 */
export function writeScript(mode: Mode, parts: Parts, installer: string): string {
  const assignments = Object.entries({ mode, ...parts }).map(([name, text]) => `${name}=${quoteForShell(text)}\n`);
  return `${assignments.join("")}${installer}`.replaceAll("\r\n", "\n");
}
