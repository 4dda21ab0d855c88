/**
 * `npm run bench:start [-- --rounds N]`: how long verbs take to start, against `node -e 0` in the same run: up to the first line of
 * a verb's own (its help), before it loads what it works with. Medians; the two take turns. Fails when one is not under 2.5 times.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { median } from "./statistics.js";

const LIMIT = 2.5;
const ROOT = resolve(__dirname, "..");

const { values } = parseArgs({ options: { rounds: { type: "string", default: "15" } } });
const rounds = Number(values.rounds);
const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  "node -e 0": ["-e", "0"],
  "p24 status": ["cli/p24.mjs", "status", "--help"],
  "p24 report": ["cli/p24.mjs", "report", "--help"],
};

function timed(args: readonly string[]): number {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "ignore" });
  if (status !== 0) {
    throw new Error(`${args.join(" ")} ended with ${String(status)}`);
  }
  return performance.now() - began;
}

const times = new Map(Object.keys(SUBJECTS).map((name) => [name, [] as number[]]));
Object.values(SUBJECTS).forEach(timed); // a warm-up: transpiled files are kept
for (let round = 0; round < rounds; round += 1) {
  for (const [name, args] of Object.entries(SUBJECTS)) {
    times.get(name)?.push(timed(args));
  }
}
const base = median(times.get("node -e 0") ?? []);
for (const [name, all] of times) {
  const ratio = median(all) / base;
  console.log(`${name.padEnd(12)} ${median(all).toFixed(0).padStart(5)} ms  ${ratio.toFixed(2)} times`);
  if (ratio >= LIMIT) {
    console.log(`  over ${String(LIMIT)} times`);
    process.exitCode = 1;
  }
}
