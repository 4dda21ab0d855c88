/** Kills the host program at one of its calls of a tool, from outside: the program has no hooks. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Everything that the host program calls on its way. */
export const TOOLS: readonly string[] =
  "id stat openssl flock mkdir rm head cat base64 awk sync mv ln chown chmod cmp sha256sum timeout date age age-keygen docker".split(
    " ",
  );

/**
 * Who dies at a call: the host program alone, so that the tool and the program's subshells still finish; or all of them
 * before the tool begins.
 */
export type Victim = "program" | "everything";

/** A host whose program is to be interrupted. */
export interface Interruptible<Ran> {
  /** A folder that the program's PATH names before those of the tools. */
  readonly bin: string;
  /** A folder for the calls that were counted. */
  readonly notes: string;
  /** A path of the host as this process can reach it. */
  reach(path: string): string;
  /** Tool to what is started in the end. */
  readonly originals: ReadonlyMap<string, string>;
  apply(env: string): Promise<Ran>;
}

/** Stands in front of every tool, counts the calls and kills at one of them. */
export class Interrupter<Ran> {
  constructor(private readonly host: Interruptible<Ran>) {
    this.plan(0, "everything");
    for (const [tool, original] of host.originals) {
      const path = host.reach(join(host.bin, tool));
      writeFileSync(path, wrapper(host.notes, original));
      chmodSync(path, 0o755);
    }
  }

  /** From now on, counted from 1, the program is killed at this call; 0 for none. */
  plan(at: number, victim: Victim): void {
    this.#write("calls", "");
    this.#write("plan", `${String(at)} ${victim}\n`);
  }

  /** Applies with a kill at the given call. Tells how many calls there were. */
  async apply(env: string, at: number, victim: Victim): Promise<{ ran: Ran; calls: number }> {
    this.plan(at, victim);
    const ran = await this.run(env);
    const calls = readFileSync(this.#note("calls"), "utf8").length;
    this.plan(0, victim);
    return { ran, calls };
  }

  /** Applies undisturbed. Tells the calls in their order: the tool, its second and its third argument. */
  trace(env: string): Promise<string[]> {
    return this.traceOf(() => this.apply(env, 0, "everything"));
  }

  /** The same of whatever calls the program. */
  async traceOf(call: () => Promise<unknown>): Promise<string[]> {
    this.#write("trace", "");
    await call();
    return readFileSync(this.#note("trace"), "utf8").trimEnd().split("\n");
  }

  run(env: string): Promise<Ran> {
    return this.host.apply(env);
  }

  #note(name: string): string {
    return this.host.reach(join(this.host.notes, name));
  }

  #write(name: string, text: string): void {
    writeFileSync(this.#note(name), text);
  }
}

function wrapper(notes: string, original: string): string {
  return `#!/bin/sh
printf . >> '${notes}/calls'
echo "\${0##*/} \${2##*/} \${3##*/}" >> '${notes}/trace'
read -r at victim < '${notes}/plan'
read -r calls < '${notes}/calls'
if [ "\${#calls}" = "$at" ]; then
  # Up to the program itself: its subshells have its own arguments.
  pid=$PPID chain=
  while read -r _ _ _ parent _ < "/proc/$pid/stat" && grep -q -e --clean "/proc/$parent/cmdline"; do
    chain="$chain $pid"
    pid=$parent
  done
  kill -9 "$pid"
  [ "$victim" = program ] || { kill -9 $chain; exit 1; }
fi
exec '${original}' "$@"
`;
}
