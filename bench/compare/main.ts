/**
 * `npm run bench`: one rotated secret brought to every host by the spec's bash loop, by the same under xargs -P 16 and by
 * ours, in turns on the same hosts and secrets; docs/benchmarks.md says how. Exit codes: 0, 1 when a limit is missed or a
 * way did not do its work, 2 usage. Linux with OpenSSH's sshd, as root.
 */
import { loadavg } from "node:os";

import { verdicts } from "./limits.js";
import { measure } from "./measure.js";
import { type Options, readOptions, USAGE } from "./options.js";
import { lines, verdictLines } from "./table.js";
import { WAYS } from "./ways/all.js";

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions(
      process.argv.slice(2),
      WAYS.map(({ name }) => name),
    );
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : ""}\n${USAGE}\n`);
    return 2;
  }
  const load = loadavg()[0] ?? 0;
  const results = await measure(options, (text) => process.stderr.write(`${text}\n`));
  const held = verdicts(results);
  const text = `${lines(results, WAYS)}\n\n${verdictLines(held)}\nload ${load.toFixed(1)} before it began`;
  process.stdout.write(`${options.json ? JSON.stringify({ load, ...results, verdicts: held }) : text}\n`);
  return held.every(({ met }) => met) ? 0 : 1;
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
