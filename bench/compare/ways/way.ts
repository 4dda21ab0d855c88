import type { Fleet } from "../world.js";

/** What one measured run took. Milliseconds by the clock. */
export interface Took {
  readonly ms: number;
  /** Parts of it, by name, where a way tells them. */
  readonly parts?: Readonly<Record<string, number>>;
}

/** One way to bring secrets to hosts, or one line of ours. */
export interface Way {
  readonly name: string;
  readonly title: string;
  /** Brings the fleet to where the measured run begins; not measured. */
  prepare(fleet: Fleet): Promise<void>;
  /** The measured run. Throws when it fails or does not do what it is measured for. */
  run(fleet: Fleet): Promise<Took>;
  /** Throws unless the run reached what it was for; not measured. */
  check(fleet: Fleet): Promise<void>;
}

/** Runs a command in the operator's clone that must succeed. */
export function succeeded(result: { code: number; stdout: string; stderr: string }, expected = 0): void {
  if (result.code !== expected) {
    throw new Error(`ended with ${String(result.code)}:\n${result.stdout.slice(-4000)}${result.stderr.slice(-4000)}`);
  }
}
