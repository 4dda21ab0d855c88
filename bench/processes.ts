import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

/** A span of the time line, in milliseconds since the epoch. */
export interface Span {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
  /** Processor time, where it is known. */
  readonly cpuMs?: number;
}

const SAMPLE_MS = 15;
/** Linux counts in hundredths of a second wherever Node runs. */
const TICK_MS = 10;

/** Looks at /proc (Linux) until stopped: all processes that this one starts from now on, directly or not. */
export function watchProcesses(): { stop(): Span[] } {
  const bootedAt = Date.now() - Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
  const seen = new Map<number, Span>();
  const before = new Set(readdirSync("/proc"));
  const ours = new Set([process.pid]);
  const sample = () => {
    for (const entry of readdirSync("/proc")) {
      if (/^\d+$/.test(entry) && !before.has(entry)) {
        look(Number(entry));
      }
    }
  };
  const look = (pid: number) => {
    try {
      const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
      // Behind the name in brackets: state, parent, …; utime, stime and starttime are fields 14, 15 and 22 of the line.
      const fields = stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .map(Number);
      if (!ours.has(fields[1] ?? 0) && !ours.has(pid)) {
        return;
      }
      ours.add(pid);
      const words = readFileSync(`/proc/${String(pid)}/cmdline`, "utf8")
        .split("\0")
        .filter((word) => word !== "");
      const begin = seen.get(pid)?.begin ?? bootedAt + (fields[19] ?? 0) * TICK_MS;
      const cpuMs = ((fields[11] ?? 0) + (fields[12] ?? 0)) * TICK_MS;
      seen.set(pid, {
        name: words.length > 0 ? title(words) : (seen.get(pid)?.name ?? "?"),
        begin,
        end: Date.now(),
        cpuMs,
      });
    } catch {
      // it has ended
    }
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    stop: () => {
      sample();
      clearInterval(timer);
      return [...seen.values()];
    },
  };
}

/** The program and its first words that are neither options nor long: a process is told by how it was started. */
function title(words: readonly string[]): string {
  const short = words.map((word) => basename(word)).filter((word) => !word.startsWith("-") && /^.{1,39}$/.test(word));
  const from = /^(?:node|sh|\.?.*\.cjs)$/.test(short[0] ?? "") ? Math.min(1, short.length - 1) : 0;
  return short.slice(from, from + 4).join(" ");
}
