import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What a command cost. Peaks are in MB of resident memory, by program, and of all its processes together. */
export interface Cost {
  readonly elapsedMs: number;
  readonly code: number | null;
  readonly peakMb: number;
  readonly peakByProgramMb: ReadonlyMap<string, number>;
}

const SAMPLE_MS = 10;

/**
 * Runs a command and looks at the memory of its processes (Linux: /proc) until it ends, every `sampleMs`. Its output is
 * dropped.
 */
export async function costOf(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; sampled?: boolean; sampleMs?: number },
): Promise<Cost> {
  const begin = process.hrtime.bigint();
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: "ignore" });
  const peaks = new Map<string, number>();
  let peakMb = 0;
  const sample = () => {
    const seen = residentMb(child.pid ?? 0);
    peakMb = Math.max(
      peakMb,
      [...seen.values()].reduce((sum, one) => sum + one, 0),
    );
    for (const [program, mb] of seen) {
      peaks.set(program, Math.max(peaks.get(program) ?? 0, mb));
    }
  };
  const timer = options.sampled === false ? undefined : setInterval(sample, options.sampleMs ?? SAMPLE_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearInterval(timer);
  return { elapsedMs: Number(process.hrtime.bigint() - begin) / 1e6, code, peakMb, peakByProgramMb: peaks };
}

/** Resident memory of a process and all below it, by program. */
function residentMb(root: number): Map<string, number> {
  const parents = new Map<number, number>();
  const memory = new Map<number, { program: string; mb: number }>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${entry}/status`, "utf8");
      const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
      parents.set(Number(entry), Number(field("PPid")));
      memory.set(Number(entry), { program: field("Name"), mb: Number.parseInt(field("VmRSS"), 10) / 1024 || 0 });
    } catch {
      // it has ended
    }
  }
  const found = new Map<string, number>();
  for (const [pid, { program, mb }] of memory) {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === root) {
        found.set(program, (found.get(program) ?? 0) + mb);
        break;
      }
    }
  }
  return found;
}
