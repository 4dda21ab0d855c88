import type { DotenvFile } from "../../core/sources/dotenvFile.js";
import type { Settings } from "../../core/model/settings.js";
import type { Fault } from "../../core/fault.js";
import type { Secret } from "../../core/seal/secret.js";

/** What the operator asked for, by flags. */
export interface Wishes {
  /** Anchor of the developer in .sops.yaml: `dev_radieu`. */
  readonly developer: string | undefined;
  /** File with the developer's age identity; it is made when it is not there. */
  readonly identity: string | undefined;
  /** The same of the runner's. */
  readonly runnerIdentity: string | undefined;
  /** Recipients that were made elsewhere, by name in .sops.yaml. */
  readonly recipients: ReadonlyMap<string, string>;
  /** Public SSH identities of hosts, by host. */
  readonly hostKeys: ReadonlyMap<string, string>;
  /** Who logs in for `host install`. */
  readonly admin: string;
  readonly adminIdentity: string | undefined;
  /** Values for placeholders, by variable name. */
  readonly values: DotenvFile | undefined;
  /** Keys that this team does without: their placeholders are removed. */
  readonly without: ReadonlySet<string>;
  readonly commit: boolean;
}

/** What a walk works on. */
export interface Site {
  readonly root: string;
  readonly stack: string;
  readonly settingsFile: string;
  readonly settings: Settings;
  /** The caller's, with SOPS_AGE_KEY_FILE where the walk itself names an identity file. */
  readonly env: NodeJS.ProcessEnv;
  /** That file; plain sops does not know of it. */
  readonly identityFile: string | undefined;
  readonly wishes: Wishes;
  readonly print: (text: string) => void;
  /** Asks for a value without showing it; an empty one is for later. Only where somebody sits at a terminal. */
  readonly ask: ((question: string) => Promise<Secret>) | undefined;
}

/**
 * What a step found when it looked at the world. No step keeps a record of its own: what is done is seen in the file, the
 * backend or the place itself, so a walk can be killed anywhere and begins again where the world is.
 */
export type Look =
  | { readonly state: "done"; readonly what: string }
  /** Can be done now. `act` is one atomic change, or several of which each may be repeated. */
  | { readonly state: "to do"; readonly what: string; act(): Promise<void> }
  /** Another step has to be done before. */
  | { readonly state: "waits"; readonly what: string }
  /** The operator must give something, or do it with one of these commands. */
  | { readonly state: "needs"; readonly what: string; readonly how: readonly string[] }
  /** Only a person can do it; the next run looks whether it was done. */
  | { readonly state: "human"; readonly what: string; readonly how: readonly string[] }
  /** Only a person can know whether it was done. */
  | { readonly state: "yours"; readonly what: string; readonly how: readonly string[] };

/** One step of the bootstrap. */
export interface Step {
  readonly name: string;
  /** Looks, and changes nothing. `earlier` is what the steps before it have found. Throws a FaultsError. */
  look(site: Site, earlier: readonly Finding[]): Promise<Look>;
}

/** What a walk says of a step. */
export interface Finding {
  readonly step: string;
  readonly state: Look["state"] | "fault";
  readonly what: string;
  readonly how: readonly string[];
  /** What the walk itself has done in this run. */
  readonly acted: boolean;
  readonly faults: readonly Fault[];
}

export function done(what: string): Look {
  return { state: "done", what };
}

export function waits(what: string): Look {
  return { state: "waits", what };
}

export function toDo(what: string, act: () => Promise<void>): Look {
  return { state: "to do", what, act };
}

export function needs(what: string, ...how: readonly string[]): Look {
  return { state: "needs", what, how };
}

export function human(what: string, ...how: readonly string[]): Look {
  return { state: "human", what, how };
}
