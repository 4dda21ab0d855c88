import type { Verdict } from "./limits.js";
import { draw } from "./plot.js";
import { groupsOf, groupText, isOf, type Results } from "./results.js";
import { loadText, memoryLines, partsTable, seconds, tables, type Titled, verdictLines } from "./table.js";

/** The part of docs/benchmarks.md that a run writes. */
const PART = /<!-- results -->[^]*<!-- end of results -->/;

/** A way as the page shows it. */
export interface Shown extends Titled {
  readonly ours: boolean;
}

/** The page with results in it. Throws when it has no place for them. */
export function writePage(
  page: string,
  results: Results,
  ways: readonly Shown[],
  verdicts: readonly Verdict[],
): string {
  if (!PART.test(page)) {
    throw new Error("docs/benchmarks.md has no <!-- results --> part");
  }
  const text = resultsText(results, ways, verdicts);
  return page.replace(PART, () => `<!-- results -->\n\n${text}\n\n<!-- end of results -->`);
}

function resultsText(results: Results, ways: readonly Shown[], verdicts: readonly Verdict[]): string {
  const rounds = Math.max(...results.cells.map(({ times }) => times.length));
  const alone = results.alone.map(({ what, ms }) => `\`${what}\` ${ms.toFixed(0)} ms`).join(", ");
  return [
    ...results.machine.map((line) => `- ${line}`),
    `- ${loadText(results)}`,
    `- one call alone, by the clock: ${alone}`,
    "",
    "![Seconds against hosts, for each number of secrets and distance](benchmarks.svg)",
    "",
    `Medians of ${String(rounds)} rounds, or of as many as a cell says; in brackets, how many times as long as the bash loop.`,
    "",
    tables(results, ways),
    "",
    "Phases of ours, `up` after one rotation:",
    "",
    partsTable(results, "up"),
    "",
    "Limits, and the highest moment of the resident memory of all processes of ours together:",
    "",
    "```text",
    verdictLines(verdicts),
    "",
    memoryLines(results),
    "```",
  ].join("\n");
}

/** A panel a group, a line a way. */
export function plotOf({ cells }: Results, ways: readonly Shown[]): string {
  const groups = groupsOf({ cells });
  return draw({
    title: "One rotation to every host, and what ours does besides: seconds, medians",
    x: "hosts",
    y: "seconds",
    panels: groups.map((group) => ({
      title: groupText(group),
      series: ways.flatMap(({ name, title, ours }) => {
        const points = cells
          .filter((cell) => isOf(group, cell) && cell.way === name)
          .sort((a, b) => a.hosts - b.hosts)
          .map(({ hosts, medianMs }) => [hosts, Number(seconds(medianMs).split(" ")[0])] as const);
        return points.length === 0 ? [] : [{ name: title, points, strong: ours }];
      }),
    })),
  });
}
