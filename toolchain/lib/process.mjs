import { spawn } from "node:child_process";

/** Cleanups that must still happen when a signal ends this process: killing children, giving locks back. */
const cleanups = new Set();
const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

function onSignal(signal) {
  for (const cleanup of [...cleanups]) cleanup();
  cleanups.clear();
  const alone = process.listenerCount(signal) === 1;
  for (const name of SIGNALS) process.removeListener(name, onSignal);
  if (alone) process.kill(process.pid, signal); // nobody else decides, so end as the signal would have
}

/**
 * Registers a synchronous cleanup for SIGINT, SIGTERM and SIGHUP. Handlers are installed only while one is registered,
 * so an importing program keeps its own signal behaviour the rest of the time.
 *
 * @param {() => void} cleanup
 * @returns {() => void} call it when the cleanup is no longer needed
 */
export function onAbort(cleanup) {
  if (cleanups.size === 0) for (const name of SIGNALS) process.on(name, onSignal);
  cleanups.add(cleanup);
  return () => {
    if (cleanups.delete(cleanup) && cleanups.size === 0) {
      for (const name of SIGNALS) process.removeListener(name, onSignal);
    }
  };
}

/**
 * Runs a program to its end and keeps the last 64 KB of what it printed. A program that is missing or too slow is an
 * answer, not an exception. On a signal or time-out the whole process group goes, so no compiler is left behind.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, shell?: boolean }} [options]
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string, missing: boolean, timedOut: boolean }>}
 */
export function run(command, args, { cwd, env, timeoutMs, shell = false } = {}) {
  return new Promise((resolve) => {
    const detached = process.platform !== "win32";
    const child = spawn(command, args, {
      cwd,
      env,
      shell,
      detached,
      windowsHide: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const printed = { stdout: "", stderr: "" };
    let timedOut = false;
    const kill = () => {
      try {
        if (detached && child.pid) process.kill(-child.pid, "SIGKILL");
        else child.kill("SIGKILL");
      } catch {
        // already gone
      }
    };
    const released = onAbort(kill);
    const timer = timeoutMs
      ? setTimeout(() => {
          timedOut = true;
          kill();
        }, timeoutMs)
      : undefined;
    for (const name of /** @type {const} */ (["stdout", "stderr"])) {
      child[name].setEncoding("utf8").on("data", (text) => {
        printed[name] = (printed[name] + text).slice(-65_536);
      });
    }
    const end = (code, missing) => {
      clearTimeout(timer);
      released();
      resolve({ code, ...printed, missing, timedOut });
    };
    child.once("error", (error) => end(null, error.code === "ENOENT" || error.code === "EACCES"));
    child.once("close", (code) => end(code, false));
  });
}
