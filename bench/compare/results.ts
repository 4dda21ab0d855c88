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
  /** What was measured: the checkout's commit, short. */
  readonly commit?: string;
}

/** Peak of the resident memory of all processes of one run, and which programs held it. */
export interface Memory extends Size {
  readonly way: string;
  readonly peakMb: number;
  readonly byProgramMb: Readonly<Record<string, number>>;
}

/** A program by itself. Milliseconds by the clock, a median. */
export interface Alone {
  readonly what: string;
  readonly ms: number;
}

/** Everything that one or several runs of the benchmark found out. */
export interface Results {
  readonly cells: readonly Cell[];
  readonly memory: readonly Memory[];
  /** What every way pays for, a call of it alone. */
  readonly alone: readonly Alone[];
  /** Lines in which an sshd says that it dropped somebody. */
  readonly refusals: readonly string[];
  /** What it ran on: machine and versions, a line each. */
  readonly machine: readonly string[];
  /** Load of the last minute, before each size was begun. */
  readonly loads: readonly number[];
}

export const NO_RESULTS: Results = { cells: [], memory: [], alone: [], refusals: [], machine: [], loads: [] };

/** Both together. What every way pays for is told once, and so is a machine. */
export function joined(one: Results, other: Results): Results {
  return {
    cells: [...one.cells, ...other.cells],
    memory: [...one.memory, ...other.memory],
    alone: one.alone.length > 0 ? one.alone : other.alone,
    refusals: [...one.refusals, ...other.refusals],
    machine: [...new Set([...one.machine, ...other.machine])],
    loads: [...one.loads, ...other.loads],
  };
}

/** The same, however many runs it took to measure them: by distance, secrets and hosts. */
export function inOrder(results: Results): Results {
  const order = (a: Size, b: Size) => byGroup(a, b) || a.hosts - b.hosts;
  return { ...results, cells: [...results.cells].sort(order), memory: [...results.memory].sort(order) };
}

/** Sums up the rounds of one way at one size. */
export function cellOf(size: Size, way: string, rounds: readonly Took[], commit?: string): Cell {
  const times = rounds.map(({ ms }) => ms);
  const names = [...new Set(rounds.flatMap(({ parts }) => Object.keys(parts ?? {})))];
  const parts = names.map((name) => [name, median(rounds.flatMap(({ parts: one }) => one?.[name] ?? []))] as const);
  const { hosts, secrets, rttMs } = size;
  return {
    hosts,
    secrets,
    rttMs,
    way,
    times,
    medianMs: median(times),
    parts: Object.fromEntries(parts),
    ...(commit === undefined ? {} : { commit }),
  };
}

/** The cell of a way at a size, when it was measured. */
export function find({ cells }: Pick<Results, "cells">, size: Size, way: string): Cell | undefined {
  return cells.find((cell) => isSame(cell, size) && cell.way === way);
}

export function isSame(one: Size, other: Size): boolean {
  return one.hosts === other.hosts && isOf(other, one);
}

/** What all sizes of a table have in common. */
export type Group = Omit<Size, "hosts">;

export function isOf(group: Group, size: Size): boolean {
  return group.secrets === size.secrets && group.rttMs === size.rttMs;
}

function byGroup(a: Group, b: Group): number {
  return a.rttMs - b.rttMs || a.secrets - b.secrets;
}

/** Every one that was measured: those on loopback as it is first, then by number of secrets. */
export function groupsOf({ cells }: Pick<Results, "cells">): Group[] {
  const keys = new Map(cells.map(({ secrets, rttMs }) => [`${String(rttMs)} ${String(secrets)}`, { secrets, rttMs }]));
  return [...keys.values()].sort(byGroup);
}

export function groupText({ secrets, rttMs }: Group): string {
  return `${String(secrets)} secrets${rttMs === 0 ? "" : `, hosts ${String(rttMs)} ms away`}`;
}
