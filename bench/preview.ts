/**
 * `npm run bench:preview`: what a preview of a converged team costs, against an empty program under the same engine. There
 * are two empty ones: `plain` starts as Pulumi and tsx document it (`--import tsx`), and is what the limit is about;
 * `empty` has our own loader, which makes an empty program faster too. All run in turns, so that what else the machine does
 * falls on each; the sandbox's services run in this process and so count against ours. Exit codes: 0, 1 above the limit,
 * 2 usage.
 */
import { parseArgs } from "node:util";

import { endWith } from "./end.js";
import { summarize, median, type Summary } from "./statistics.js";
import { type Cost, noOpPreview, SECRETS, startSubjects } from "./subjects.js";

const LIMIT = 1.5;
const WARM_UPS = 1;
const LEAST_ROUNDS = 7;

/** What runs in turns, with its title in the table. */
const RUNS = {
  ours: `two hosts, one repository, ${String(SECRETS)} secrets`,
  plain: "empty program, --import tsx",
  empty: "empty program, our loader",
} as const;
type Run = keyof typeof RUNS;

interface Measured {
  readonly elapsedMs: Summary;
  /** Processor time of all processes of a preview, median. */
  readonly cpuMs: number;
  /** Ours to this one: of the medians, the median of each round's, and of the processor times. */
  readonly ratio: number;
  readonly pairedRatio: number;
  readonly cpuRatio: number;
}

interface Result {
  readonly rounds: number;
  readonly limit: number;
  readonly runs: Readonly<Record<Run, Measured>>;
}

async function measure(rounds: number): Promise<Result> {
  const subjects = await startSubjects();
  const folders = { ours: subjects.world.paths.work, plain: subjects.plain, empty: subjects.empty };
  const costs: Record<Run, Cost[]> = { ours: [], plain: [], empty: [] };
  try {
    for (let round = -WARM_UPS; round < rounds; round += 1) {
      for (const run of Object.keys(RUNS) as Run[]) {
        const cost = await noOpPreview(subjects, folders[run]);
        if (round >= 0) {
          costs[run].push(cost);
        }
      }
    }
  } finally {
    await subjects.close();
  }
  const against = (run: Run) => compare(costs.ours, costs[run]);
  return {
    rounds,
    limit: LIMIT,
    runs: { ours: against("ours"), plain: against("plain"), empty: against("empty") },
  };
}

function compare(ours: readonly Cost[], theirs: readonly Cost[]): Measured {
  const elapsed = (costs: readonly Cost[]) => costs.map(({ elapsedMs }) => elapsedMs);
  const cpu = (costs: readonly Cost[]) => median(costs.map(({ cpuMs }) => cpuMs));
  const elapsedMs = summarize(elapsed(theirs));
  return {
    elapsedMs,
    cpuMs: cpu(theirs),
    ratio: summarize(elapsed(ours)).median / elapsedMs.median,
    pairedRatio: median(ours.map((cost, index) => cost.elapsedMs / (theirs[index]?.elapsedMs ?? Number.NaN))),
    cpuRatio: cpu(ours) / cpu(theirs),
  };
}

function table({ rounds, limit, runs }: Result): string {
  const row = (title: string, cells: readonly string[]) =>
    title.padEnd(40) + cells.map((cell) => cell.padStart(11)).join("");
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const times = (ratio: number) => ratio.toFixed(2);
  return [
    row(`no-op preview, ${String(rounds)} rounds`, [
      "median",
      "min",
      "max",
      "processor",
      "ratio",
      "paired",
      "processor",
    ]),
    ...(Object.keys(RUNS) as Run[]).map((run) => {
      const { elapsedMs, cpuMs, ratio, pairedRatio, cpuRatio } = runs[run];
      const ratios = run === "ours" ? [] : [ratio, pairedRatio, cpuRatio].map(times);
      return row(RUNS[run], [...[elapsedMs.median, elapsedMs.min, elapsedMs.max, cpuMs].map(seconds), ...ratios]);
    }),
    `Ratios say how many times as much ours takes. Limit: ${limit.toFixed(1)}, of the medians, to ${RUNS.plain}.`,
  ].join("\n");
}

function readArguments(): { json: boolean; rounds: number } | undefined {
  try {
    const { values } = parseArgs({ options: { json: { type: "boolean" }, rounds: { type: "string" } } });
    const rounds = Number(values.rounds ?? LEAST_ROUNDS);
    return Number.isInteger(rounds) && rounds >= 1 ? { json: values.json ?? false, rounds } : undefined;
  } catch {
    return undefined;
  }
}

async function main(): Promise<number> {
  const options = readArguments();
  if (options === undefined) {
    process.stderr.write("usage: npm run bench:preview -- [--json] [--rounds N]\n");
    return 2;
  }
  const result = await measure(options.rounds);
  process.stdout.write(`${options.json ? JSON.stringify(result) : table(result)}\n`);
  return result.runs.plain.ratio > LIMIT ? 1 : 0;
}

endWith(main());
