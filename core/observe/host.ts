import type { HostSettings } from "../model/settings.js";
import type { Fingerprint, Fingerprinter } from "../seal/fingerprint.js";
import { openAnswer } from "../sources/answer.js";
import type { Observed } from "./github.js";
import { LIMITS, type Ran, runOverSsh } from "./ssh.js";

/** The version of host/p24-host in this checkout. */
export const HOST_PROGRAM = 4;

/** The first version that answers an apply only after it has read the file once more. */
export const READS_AGAIN = 3;

/** The first version whose answer to an apply also says what it replaced. */
export const TELLS_REPLACED = 4;

/** A host that was not asked, because it is written whatever it would say. */
export interface NotAsked {
  readonly notAsked: true;
}

/** What a host says about one target. Values are fingerprints already; docs/host-protocol.md, "Answer of `observe`". */
export interface HostObservation {
  /** Version of the host program that answers. */
  readonly program: number;
  /** Whether the host's age identity is there and readable by its owner only. */
  readonly identity: "ok" | "absent" | "mode";
  /** The public part of that identity. */
  readonly recipient: string | undefined;
  /** Serial of the last payload that the host accepted, 0 before the first. */
  readonly serial: number;
  /** An apply was begun and not finished. */
  readonly pending: boolean;
  /** Mode and owner of the file as they are, `undefined` when there is no file. */
  readonly file: { readonly mode: string; readonly owner: string } | undefined;
  /** Mode and owner as the host's target wants them. */
  readonly want: { readonly mode: string; readonly owner: string };
  /** Names that our last apply wrote and the file still has; `undefined` when the value cannot be read. */
  readonly own: ReadonlyMap<string, Fingerprint | undefined>;
  /** All other names in the file. */
  readonly foreign: readonly string[];
  /** Lines of the file that are neither assignment, comment nor blank. */
  readonly unread: number;
  readonly docker: "ok" | "down" | "absent";
  readonly services: readonly ObservedService[];
  /** Services that Compose would make anew: they were made with something else than the files say now. */
  readonly recreate: readonly string[];
}

/** A container of the target's Compose project. */
export interface ObservedService {
  readonly name: string;
  readonly state: string;
  readonly health: string;
  /** Its configured environment, for names that our last apply wrote. */
  readonly env: ReadonlyMap<string, Fingerprint>;
}

/**
 * Asks one host. The answer is encrypted to the host's list of observers and opened at the door, as soon as the
 * fingerprint key is there; without it (the sources have faults) nothing is answered.
 */
export async function observeHost(
  name: string,
  host: HostSettings,
  fingerprinterReady: Promise<Fingerprinter | undefined>,
  env: NodeJS.ProcessEnv,
): Promise<Observed<HostObservation> | undefined> {
  const where = `host ${name}`;
  const ran = await runOverSsh(host, `p24-host observe ${host.target}`, env);
  const fingerprinter = await fingerprinterReady;
  if (fingerprinter === undefined) {
    return undefined;
  }
  if (ran.kind !== "ran" || ran.code !== 0) {
    return { unreachable: { where, ...whyNot(ran, name, host) } };
  }
  const opened = await openAnswer(ran.stdout, name, host.target, fingerprinter, env);
  return opened.ok ? { seen: opened.observation } : { unreachable: { where, ...opened } };
}

function whyNot(ran: Ran, name: string, host: HostSettings): { what: string; repair: string } {
  switch (ran.kind) {
    case "no agent":
      return {
        what: "no SSH agent holds the sync key",
        repair: "run through npm run p24 -- pulumi -- …, or start it with p24 exec",
      };
    case "wrong identity":
      return {
        what: "shows another identity than the settings pin (hostKey)",
        repair: `compare with the provider's console; only when the host was really set up anew: pulumi config set --path p24-infra:hosts.${name}.hostKey "…"`,
      };
    case "login refused":
      return {
        what: `does not let ${host.user} in with the sync key`,
        repair: installs(name),
      };
    case "no connection":
      return {
        what: `cannot be reached at ${host.address} port ${String(host.port)}`,
        repair: "start the host or correct its address in the settings",
      };
    case "cut off":
      return { what: "ended the connection before its answer was whole", repair: "run again" };
    case "no answer":
      return {
        what: `did not answer within ${String(LIMITS.wholeMs / 1000)} s`,
        repair: "look what keeps it busy, and run again",
      };
    case "ran":
      return refusal(ran.stderr, name, host);
  }
}

function installs(name: string): string {
  return `npm run p24 -- host install ${name}`;
}

/** Only the host program's own fixed words are repeated; anything else that the host printed is dropped. */
function refusal(stderr: string, name: string, host: HostSettings): { what: string; repair: string } {
  const words = /^p24-host: ((?:refused|failed) [a-z-]+)/m.exec(stderr)?.[1];
  switch (words) {
    case undefined:
      return { what: "does not run the host program", repair: installs(name) };
    case "refused target":
      return { what: `does not know the target ${host.target}`, repair: installs(name) };
    case "refused unsafe-directory":
      return {
        what: "has a directory on the way to the .env file that others than root can write",
        repair: `on the host: chown root: and chmod go-w the directory of target ${host.target} and /etc/p24-host`,
      };
    case "refused identity":
      return {
        what: "has no usable age identity, or no observers",
        repair:
          "on the host: age-keygen -o /root/.age/secrets.key && chmod 600 /root/.age/secrets.key, then update .sops.yaml",
      };
    default:
      return { what: `answered "${words}"`, repair: "docs/host-protocol.md explains the word" };
  }
}
