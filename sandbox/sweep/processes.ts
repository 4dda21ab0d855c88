import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

import type { Sample } from "./places.js";

/** What was seen of processes and passing files while it watched. */
export interface Watched {
  readonly samples: readonly Sample[];
  /** Program to how often one was seen. */
  readonly programs: ReadonlyMap<string, number>;
  /** Processes that were seen. */
  readonly started: number;
  /** How often it looked. */
  readonly rounds: number;
}

export interface Watch {
  stop(): Promise<Watched>;
}

interface Raw extends Omit<Watched, "samples"> {
  readonly samples: readonly { kind: "arguments" | "environment" | "file"; where: string; text: string }[];
}

/**
 * Samples arguments and environment of every descendant of this process, and all files that stand in `folders` for a
 * moment, until it is stopped. `marker` is a text in the environment of all of them: it finds the ones whose parent
 * ended first. A process that lives shorter than about `everyMs` may be missed; at two milliseconds it takes about half of a
 * core. Linux only: elsewhere it sees nothing.
 */
export async function watchProcesses(marker: string, folders: readonly string[], everyMs = 2): Promise<Watch> {
  if (!existsSync("/proc/self/environ")) {
    return { stop: () => Promise.resolve({ samples: [], programs: new Map(), started: 0, rounds: 0 }) };
  }
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { root: process.pid, marker, folders, everyMs, stop };
  const worker = new Worker(join(__dirname, "sampler.cjs"), { workerData, execArgv: [] });
  await once(worker, "message");
  let stopped: Promise<Watched> | undefined;
  const end = async (): Promise<Watched> => {
    const said = once(worker, "message");
    Atomics.store(stop, 0, 1);
    Atomics.notify(stop, 0);
    const [raw] = (await said) as [Raw];
    await worker.terminate();
    const samples = raw.samples.map(({ kind, where, text }): Sample => {
      const place = kind === "file" ? "passing files" : kind;
      return { place, where, content: Buffer.from(text, "latin1") };
    });
    return { ...raw, samples };
  };
  return { stop: () => (stopped ??= end()) };
}
