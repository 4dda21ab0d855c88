import { readFileSync } from "node:fs";

/**
 * The environment that a process was started with, from the kernel's record of it (`/proc/PID/environ`). Empty when the process has
 * ended, which it may have done a moment before its parent or Docker is told.
 */
export function environmentIn(file: string): Record<string, string> {
  const pairs = recorded(file)
    .split("\0")
    .filter((pair) => pair !== "");
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

function recorded(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) {
      return "";
    }
    throw error;
  }
}
