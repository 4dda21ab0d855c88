import { median } from "../statistics.js";
import type { Size } from "./fleet.js";
import type { Took } from "./ways/way.js";

/** All runs of one way at one size. */
export interface Cell extends Size {
  /** Name of the way. */
  readonly way: string;
  /** Milliseconds of each round. */
  readonly times: readonly number[];
  readonly medianMs: number;
  /** Medians of its parts, by name. */
  readonly parts: Readonly<Record<string, number>>;
}

/** Peak of the resident memory of all processes of one run, and which programs held it. */
export interface Memory extends Size {
  readonly way: string;
  readonly peakMb: number;
  readonly byProgramMb: Readonly<Record<string, number>>;
}

/** Everything that a run of the benchmark found out. */
export interface Results {
  readonly cells: readonly Cell[];
  readonly memory: readonly Memory[];
  /** Lines in which an sshd says that it dropped somebody. */
  readonly refusals: readonly string[];
}

/** Sums up the rounds of one way at one size. */
export function cellOf(size: Size, way: string, rounds: readonly Took[]): Cell {
  const times = rounds.map(({ ms }) => ms);
  const names = [...new Set(rounds.flatMap(({ parts }) => Object.keys(parts ?? {})))];
  const parts = names.map((name) => [name, median(rounds.flatMap(({ parts: one }) => one?.[name] ?? []))] as const);
  return {
    hosts: size.hosts,
    secrets: size.secrets,
    way,
    times,
    medianMs: median(times),
    parts: Object.fromEntries(parts),
  };
}

/** The cell of a way at a size, when it was measured. */
export function find({ cells }: Pick<Results, "cells">, { hosts, secrets }: Size, way: string): Cell | undefined {
  return cells.find((cell) => cell.hosts === hosts && cell.secrets === secrets && cell.way === way);
}
