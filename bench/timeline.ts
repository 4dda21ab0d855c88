/**
 * `npm run bench:timeline`: what runs when in one no-op preview of the sandbox, as text bars; `--write` puts it into
 * docs/performance.md. Processes are sampled from /proc (Linux), so those below about 15 ms may be missing; what Node
 * processes do inside is told by bench/marks.cjs, which costs a little itself.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";

import { type Span, watchProcesses } from "./processes.js";
import { noOpPreview, SECRETS, startSubjects } from "./subjects.js";

const WIDTH = 60;
const PAGE = resolve(__dirname, "../docs/performance.md");
/** Shorter spans, and a fork that has not become its program yet, are left out. */
const SHORTEST_MS = 25;

async function record(): Promise<{ spans: Span[]; tools: string }> {
  const subjects = await startSubjects();
  const { world } = subjects;
  const file = join(world.paths.dir, "marks.jsonl");
  const marks = { NODE_OPTIONS: `--require ${join(__dirname, "marks.cjs")}`, P24_TIMELINE_FILE: file };
  try {
    await noOpPreview(subjects, world.paths.work);
    const watch = watchProcesses();
    await noOpPreview(subjects, world.paths.work, marks);
    const spans = watch.stop();
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const inside = lines.map((line) => JSON.parse(line) as Span).map((span) => ({ ...span, name: `  ${span.name}` }));
    const tools = world.tools.map(({ name, version }) => `${name} ${version}`).join(", ");
    return { spans: [...spans, ...inside], tools };
  } finally {
    await subjects.close();
  }
}

function draw(spans: readonly Span[]): string {
  const origin = Math.min(...spans.map(({ begin }) => begin));
  const total = Math.max(...spans.map(({ end }) => end)) - origin;
  const column = (ms: number) => Math.min(WIDTH - 1, Math.floor((ms / total) * WIDTH));
  const shown = spans
    .filter(({ name, begin, end }) => name !== "?" && end - begin >= SHORTEST_MS)
    .sort((a, b) => a.begin - b.begin);
  const rows = shown.map(({ name, begin, end, cpuMs }) => {
    const from = column(begin - origin);
    const bar = "█".repeat(Math.max(1, column(end - origin) - from + 1));
    const numbers = [begin - origin, end - begin, cpuMs].map((ms) => (ms === undefined ? "" : String(Math.round(ms))));
    return `${name.slice(0, 48).padEnd(49)}${numbers.map((text) => text.padStart(6)).join("")}  ${" ".repeat(from)}${bar}`;
  });
  const head = `${"".padEnd(49)}${["from", "ms", "cpu"].map((word) => word.padStart(6)).join("")}  0${`${String(Math.round(total))} ms`.padStart(WIDTH - 1)}`;
  return [head, ...rows].join("\n");
}

async function main(): Promise<void> {
  const load = loadavg()[0] ?? 0;
  const { spans, tools } = await record();
  const machine = `${String(cpus().length)} × ${cpus()[0]?.model ?? "?"}, Node ${process.versions.node}, load ${load.toFixed(1)} before it began`;
  const text = [
    `One preview, two hosts, one repository, ${String(SECRETS)} secrets; ${machine}; ${tools}.`,
    "",
    "```text",
    draw(spans),
    "```",
  ];
  if (!process.argv.includes("--write")) {
    process.stdout.write(`${text.join("\n")}\n`);
    return;
  }
  const page = readFileSync(PAGE, "utf8");
  const part = /<!-- timeline -->[^]*<!-- end of timeline -->/;
  if (!part.test(page)) {
    throw new Error("docs/performance.md has no <!-- timeline --> part");
  }
  const marked = ["<!-- timeline -->", "", ...text, "", "<!-- end of timeline -->"].join("\n");
  writeFileSync(
    PAGE,
    page.replace(part, () => marked),
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
