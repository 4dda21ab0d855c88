import type { ParseArgsConfig } from "node:util";

/** The exit codes of `p24`. `pulumi` and `exec` end with their child's code when that is not 0. */
export const EXIT = {
  ok: 0,
  /** A fault of this program itself. */
  internal: 1,
  /** Unknown verb or option. */
  usage: 2,
  /** Settings, sources or checkout are not in order; the output says what to repair. */
  badInput: 3,
  /** At least one place is not equal to git. */
  drift: 4,
  /** At least one place could not be asked, or a person must repair something there. */
  blocked: 5,
} as const;

export type ExitCode = number;

/** What a verb gets: parsed options, what stands after `--`, and the world at its edge. */
export interface Invocation {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly rest: readonly string[];
  /** The repository's root. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly print: (text: string) => void;
}

/** One verb of the CLI. A later verb is a file more in `cli/verbs/` and a line in its `all.ts`. */
export interface Verb {
  /** One word or several: `status`, `host install`. */
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  readonly example: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** How many words it takes beside its options: least and most. */
  readonly words: readonly [least: number, most: number];
  /** Lines for the verb's own help: option and meaning. */
  readonly optionHelp: readonly string[];
  run(invocation: Invocation): Promise<ExitCode>;
}
