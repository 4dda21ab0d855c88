import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { killIfThere } from "./kill.js";

/** Notes the processes of an engine, so that a later start can end what a killed sandbox left. */
export function recordPids(dir: string, pids: readonly number[]): void {
  if (pids.length === 0) {
    rmSync(join(dir, "pids"), { force: true });
    return;
  }
  writeFileSync(join(dir, "pids"), `${pids.join("\n")}\n`);
}

/**
 * Ends the noted processes that still run. They end by themselves with their engine, so there seldom is one. A number that
 * meanwhile belongs to another program is left alone: a service's arguments name the engine's own folder.
 */
export function endRecorded(dir: string): void {
  for (const pid of readLines(join(dir, "pids"))) {
    if (readLines(`/proc/${pid}/cmdline`).some((line) => line.split("\0").includes(join(dir, "service.sh")))) {
      killIfThere(Number(pid));
    }
  }
  rmSync(join(dir, "pids"), { force: true });
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return [];
  }
}
