/**
 * `npm run bench`: one rotated secret brought to every host by the spec's bash loop, by the same under xargs -P 16, by Ansible
 * and by ours, in turns on the same hosts and secrets; docs/benchmarks.md says how. Exit codes: 0, 1 when a limit is missed or a
 * way did not do its work, 2 usage. Linux with OpenSSH's sshd, as root.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { format, resolveConfig } from "prettier";

import { endWith } from "../end.js";
import { type Verdict, verdicts } from "./limits.js";
import { measure } from "./measure.js";
import { type Options, readOptions, USAGE } from "./options.js";
import { plotOf, writePage } from "./page.js";
import { inOrder, NO_RESULTS, type Results } from "./results.js";
import { aloneLine, lines, loadText, memoryLines, verdictLines } from "./table.js";
import { OURS, SHOWN, WAYS } from "./ways/all.js";

const DOCS = resolve(__dirname, "../../docs");
const PAGE = join(DOCS, "benchmarks.md");
const PLOT = join(DOCS, "benchmarks.svg");

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
  const measured = await measure(
    options,
    options.results === undefined ? NO_RESULTS : kept(options.results),
    (text) => process.stderr.write(`${text}\n`),
    (all) => {
      if (options.results !== undefined) {
        writeFileSync(options.results, `${JSON.stringify(all)}\n`);
      }
    },
  );
  const results = inOrder(measured);
  const held = verdicts(results);
  process.stdout.write(`${options.json ? JSON.stringify({ ...results, verdicts: held }) : text(results, held)}\n`);
  if (options.write) {
    const ways = SHOWN.map(({ name, title }) => ({ name, title, ours: OURS.includes(name) }));
    const page = writePage(readFileSync(PAGE, "utf8"), results, ways, held);
    writeFileSync(PAGE, await format(page, { ...(await resolveConfig(PAGE)), parser: "markdown" }));
    writeFileSync(PLOT, plotOf(results, ways));
  }
  return held.every(({ met }) => met) ? 0 : 1;
}

function kept(file: string): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : NO_RESULTS;
}

function text(results: Results, held: readonly Verdict[]): string {
  const about = [...results.machine, loadText(results)].join("\n");
  return [lines(results, WAYS), aloneLine(results), memoryLines(results), verdictLines(held), about]
    .filter((part) => part !== "")
    .join("\n\n");
}

endWith(main());
