import type { Options } from "./options.js";
import { type Cell, cellOf, type Results } from "./results.js";
import type { Size } from "./fleet.js";
import { OURS, WAYS } from "./ways/all.js";
import type { Took, Way } from "./ways/way.js";
import { type Fleet, startFleet } from "./world.js";

/** Measures what the command line asks for, size by size; in each the ways run in turns. Tells its progress. */
export async function measure(options: Options, say: (text: string) => void): Promise<Results> {
  const cells: Cell[] = [];
  const refusals: string[] = [];
  for (const secrets of options.secrets) {
    for (const hosts of options.hosts) {
      const fleet = await startFleet({ hosts, secrets });
      try {
        cells.push(...(await rounds(fleet, options, say)));
        refusals.push(...fleet.refusals());
      } finally {
        await fleet.close();
      }
    }
  }
  return { cells, memory: [], refusals };
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
    for (const way of ways) {
      await way.prepare(fleet);
      const one = await way.run(fleet);
      await way.check(fleet);
      took.get(way)?.push(one);
      say(`${sizeText(fleet.size)}, round ${String(round + 1)}: ${way.name} ${(one.ms / 1000).toFixed(2)} s`);
    }
  }
  return ways.map((way) => cellOf(fleet.size, way.name, took.get(way) ?? []));
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

function sizeText({ hosts, secrets }: Size): string {
  return `${String(hosts)} hosts, ${String(secrets)} secrets`;
}
