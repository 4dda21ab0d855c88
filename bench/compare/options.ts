import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface Options {
  readonly json: boolean;
  /** Writes docs/benchmarks.md and its plots. */
  readonly write: boolean;
  readonly rounds: number;
  readonly hosts: readonly number[];
  readonly secrets: readonly number[];
  /** How far away the hosts are: milliseconds there and back. */
  readonly rttMs: number;
  /** A file that keeps what was measured, size by size; sizes that it has already are not measured again. */
  readonly results: string | undefined;
  /** Names of ways; `ours` stands for all lines of ours. */
  readonly only: readonly string[] | undefined;
}

const HOSTS = [2, 10, 50];
const SECRETS = [20, 100, 1000];
const ROUNDS = 7;
/** A host's own source has two, GitHub a tenth and the shared one at least one. */
const LEAST_SECRETS = 10;
/** GitHub takes 100 a repository and the split gives it a tenth; beyond, no `.env` would hold them (700 KiB). */
const MOST_SECRETS = 5000;
const MOST_HOSTS = 200;

export const USAGE =
  "usage: npm run bench -- [--json] [--write] [--rounds N] [--hosts 2,10,50] [--secrets 20,100,1000] [--rtt MS] [--only NAME,…] [--results FILE]";

/** Throws a RangeError or a TypeError that says what is wrong with the command line. */
export function readOptions(args: readonly string[], ways: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      rounds: { type: "string" },
      hosts: { type: "string" },
      secrets: { type: "string" },
      rtt: { type: "string" },
      only: { type: "string" },
      results: { type: "string" },
    },
  });
  const only = values.only?.split(",");
  const unknown = only?.find((name) => name !== "ours" && !ways.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`--only does not know "${unknown}"; it knows ours, ${ways.join(", ")}`);
  }
  return {
    json: values.json,
    write: values.write,
    rounds: number("rounds", values.rounds ?? String(ROUNDS), 1, 1000),
    hosts: numbers("hosts", values.hosts, HOSTS, 1, MOST_HOSTS),
    secrets: numbers("secrets", values.secrets, SECRETS, LEAST_SECRETS, MOST_SECRETS),
    rttMs: number("rtt", values.rtt ?? "0", 0, 1000),
    results: values.results,
    only,
  };
}

function numbers(name: string, text: string | undefined, otherwise: readonly number[], least: number, most: number) {
  return text === undefined ? otherwise : text.split(",").map((one) => number(name, one, least, most));
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`--${name} takes whole numbers from ${String(least)} to ${String(most)}`);
  }
  return value;
}
