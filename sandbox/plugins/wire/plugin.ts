/** What a stand-in for a provider's plugin is made of; {@link file://./service.ts} puts it behind the plugin protocol. */
import type { Change } from "./changes.js";
import type { Log } from "./engine.js";
import type { Properties } from "./property.js";

/** An input that does not fit. An empty `property` names none. */
export interface Fault {
  readonly property: string;
  readonly reason: string;
}

/** Inputs as the engine shall store them, and the faults that stop the operation. */
export interface Checked {
  readonly inputs: Properties;
  readonly failures: readonly Fault[];
}

/** Everything an operation needs besides its properties. */
export interface Operation {
  readonly type: string;
  /** The resource's logical name. */
  readonly name: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly preview: boolean;
}

/** What is compared: the stored state, the inputs that it came from (not every engine sends them) and the new ones. */
export interface Compared {
  readonly state: Properties;
  readonly oldInputs: Properties | undefined;
  readonly news: Properties;
  /** Names of `ignoreChanges`. */
  readonly ignored: readonly string[];
}

/** What a change of the resource would be. */
export interface Difference {
  readonly changes: readonly Change[];
  /** Whether the engine is told every path; else it compares the inputs itself. */
  readonly detailed: boolean;
}

/** The resources of one type. Properties come with their marks (secret, unknown) and go back with them. */
export interface ResourceType {
  check(news: Properties): Checked;
  diff(compared: Compared): Difference;
  create(operation: Operation, inputs: Properties): Promise<{ readonly id: string; readonly state: Properties }>;
  /** `undefined` when the resource is gone. */
  read(
    operation: Operation,
    stored: { readonly id: string; readonly state: Properties; readonly inputs: Properties },
  ): Promise<{ readonly id: string; readonly state: Properties; readonly inputs: Properties } | undefined>;
  update(operation: Operation, id: string, news: Properties, state: Properties): Promise<Properties>;
  remove(operation: Operation, id: string, state: Properties): Promise<void>;
}

export interface Plugin {
  /** The package: `command`. */
  readonly name: string;
  /** The official plugin's, whose behaviour this one has. */
  readonly version: string;
  /** Throws a Failure for a type that it does not have. */
  typeOf(type: string): ResourceType;
}

/** What every stand-in says in every run, and what it answers to what it does not know. */
export function announcementOf({ name }: Pick<Plugin, "name">): string {
  return `${name} plugin: stand-in of this repository, not the official one`;
}
