import { loadavg } from "node:os";

import { median } from "../statistics.js";
import { aloneIn } from "./alone.js";
import { commitOf, machineLines } from "./machine.js";
import { memoryOf } from "./memory.js";
import type { Options } from "./options.js";
import { type Cell, cellOf, groupText, isSame, joined, type Results } from "./results.js";
import type { Size } from "./fleet.js";
import { OURS, WAYS } from "./ways/all.js";
import type { Took, Way } from "./ways/way.js";
import { type Fleet, startFleet } from "./world.js";

/** A way whose runs take longer is run fewer times; the table says so. */
const SLOW_MS = 30_000;
const ROUNDS_OF_SLOW = 3;

/**
 * Measures the sizes that the command line asks for and `known` does not have; in each the ways run in turns. Tells its progress,
 * and after each size everything so far.
 */
export async function measure(
  options: Options,
  known: Results,
  say: (text: string) => void,
  keep: (results: Results) => void,
): Promise<Results> {
  let results = known;
  for (const size of sizes(options).filter((each) => !isKnown(known, each))) {
    results = joined(results, await measureSize(size, options, say));
    keep(results);
  }
  return results;
}

function sizes({ hosts, secrets, rttMs }: Options): Size[] {
  return secrets.flatMap((count) => hosts.map((number) => ({ hosts: number, secrets: count, rttMs })));
}

function isKnown({ cells }: Results, size: Size): boolean {
  return cells.some((cell) => isSame(cell, size));
}

async function measureSize(size: Size, options: Options, say: (text: string) => void): Promise<Results> {
  const load = loadavg()[0] ?? 0;
  const fleet = await startFleet(size);
  try {
    const cells = await rounds(fleet, options, say);
    const withOurs = cells.some(({ way }) => OURS.includes(way));
    return {
      cells,
      memory: withOurs && size.rttMs === 0 ? await memoryOf(fleet) : [],
      alone: size.rttMs === 0 ? await aloneIn(fleet) : [],
      refusals: fleet.refusals(),
      machine: machineLines(fleet.world.tools),
      loads: [load],
    };
  } finally {
    await fleet.close();
  }
}

async function rounds(fleet: Fleet, options: Options, say: (text: string) => void): Promise<Cell[]> {
  const ways = wanted(options.only);
  const took = new Map<Way, Took[]>(ways.map((way) => [way, []]));
  // What is left out of the measured ways still has to have happened: a converged fleet and warm files.
  await once(
    fleet,
    WAYS.filter(({ name }) => name === "fresh" || name === "up"),
  );
  for (let round = 0; round < options.rounds; round += 1) {
    for (const way of ways.filter((each) => isDue(took.get(each) ?? []))) {
      await way.prepare(fleet);
      const one = await way.run(fleet);
      await way.check(fleet);
      took.get(way)?.push(one);
      say(`${sizeText(fleet.size)}, round ${String(round + 1)}: ${way.name} ${(one.ms / 1000).toFixed(2)} s`);
    }
  }
  const commit = commitOf(fleet.checkout);
  return ways.map((way) => cellOf(fleet.size, way.name, took.get(way) ?? [], commit));
}

function isDue(took: readonly Took[]): boolean {
  return took.length < ROUNDS_OF_SLOW || median(took.map(({ ms }) => ms)) <= SLOW_MS;
}

async function once(fleet: Fleet, ways: readonly Way[]): Promise<void> {
  for (const way of ways) {
    await way.prepare(fleet);
    await way.run(fleet);
    await way.check(fleet);
  }
}

function wanted(only: readonly string[] | undefined): Way[] {
  const names = only?.flatMap((name) => (name === "ours" ? OURS : [name]));
  return WAYS.filter(({ name }) => names === undefined || names.includes(name));
}

function sizeText({ hosts, ...group }: Size): string {
  return `${String(hosts)} hosts, ${groupText(group)}`;
}
