/**
 * `npm run bench:preview`: what a preview of a converged team costs, against an empty program under the same engine,
 * language host, loader and kind of backend. The two run in turns, so that what else the machine does falls on both; the
 * sandbox's services run in this process and so count against ours. Exit codes: 0, 1 above the limit, 2 usage.
 */
import { parseArgs } from "node:util";

import { summarize, median, type Summary } from "./statistics.js";
import { type Cost, noOpPreview, SECRETS, startSubjects } from "./subjects.js";

const LIMIT = 2.0;
const WARM_UPS = 1;
const LEAST_ROUNDS = 7;

interface Result {
  readonly rounds: number;
  readonly oursMs: Summary;
  readonly emptyMs: Summary;
  /** Of the medians. */
  readonly ratio: number;
  /** Median of the ratios of each pair, which a machine that gets slower or faster meanwhile disturbs less. */
  readonly pairedRatio: number;
  readonly limit: number;
  /** Processor time of all processes of a preview, medians. */
  readonly cpu: { readonly oursMs: number; readonly emptyMs: number; readonly ratio: number };
}

async function measure(rounds: number): Promise<Result> {
  const subjects = await startSubjects();
  const ours: Cost[] = [];
  const empty: Cost[] = [];
  try {
    for (let round = -WARM_UPS; round < rounds; round += 1) {
      const first = await noOpPreview(subjects, subjects.world.paths.work);
      const second = await noOpPreview(subjects, subjects.empty);
      if (round >= 0) {
        ours.push(first);
        empty.push(second);
      }
    }
  } finally {
    await subjects.close();
  }
  return compare(ours, empty);
}

function compare(ours: readonly Cost[], empty: readonly Cost[]): Result {
  const elapsed = (costs: readonly Cost[]) => costs.map(({ elapsedMs }) => elapsedMs);
  const cpu = (costs: readonly Cost[]) => median(costs.map(({ cpuMs }) => cpuMs));
  const [oursMs, emptyMs] = [summarize(elapsed(ours)), summarize(elapsed(empty))];
  return {
    rounds: ours.length,
    oursMs,
    emptyMs,
    ratio: oursMs.median / emptyMs.median,
    pairedRatio: median(ours.map(({ elapsedMs }, index) => elapsedMs / (empty[index]?.elapsedMs ?? Number.NaN))),
    limit: LIMIT,
    cpu: { oursMs: cpu(ours), emptyMs: cpu(empty), ratio: cpu(ours) / cpu(empty) },
  };
}

function table({ rounds, oursMs, emptyMs, ratio, pairedRatio, cpu }: Result): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`.padStart(11);
  const row = (name: string, { median, min, max }: Summary, cpuMs: number) =>
    `${name.padEnd(40)}${[median, min, max, cpuMs].map(seconds).join("")}`;
  return [
    `no-op preview, ${String(rounds)} rounds`.padEnd(40) +
      ["median", "min", "max", "processor"].map((word) => word.padStart(11)).join(""),
    row(`two hosts, one repository, ${String(SECRETS)} secrets`, oursMs, cpu.oursMs),
    row("empty program", emptyMs, cpu.emptyMs),
    `ratio of the medians ${ratio.toFixed(2)} (limit ${LIMIT.toFixed(1)}), median of the pairs' ratios ` +
      `${pairedRatio.toFixed(2)}, ratio of processor time ${cpu.ratio.toFixed(2)}`,
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
  return result.ratio > LIMIT ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
