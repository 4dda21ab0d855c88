import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onAbort } from "./process.mjs";

const HEARTBEATS = 6; // within the time after which silence counts as death

/**
 * Start time of a process, which tells a reused process id from its former owner. Linux only, null elsewhere.
 *
 * @param {number} pid
 * @returns {string | null} clock ticks since boot, as /proc gives them
 */
export function processStart(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/**
 * Whether a lock's owner is gone: its process ended (or its id belongs to another one by now), or, where that cannot be
 * asked (another machine or container, systems without /proc), no heartbeat came for `silentMs`.
 */
function isStale(owner, ageMs, silentMs) {
  if (owner === null) return ageMs > 5_000; // created, but killed before the owner was written
  if (owner.host === hostname()) {
    if (!isAlive(owner.pid)) return true;
    const started = processStart(owner.pid);
    if (started !== null && owner.started !== null) return started !== owner.started;
  }
  return ageMs > silentMs;
}

function look(file) {
  try {
    const ageMs = Date.now() - statSync(file).mtimeMs;
    const text = readFileSync(file, "utf8");
    try {
      return { ageMs, text, owner: JSON.parse(text) };
    } catch {
      return { ageMs, text, owner: null };
    }
  } catch {
    return null; // given back meanwhile
  }
}

/** Moves a stale lock away. When a fresh one was caught by mistake it is put back: only one waiter wins either way. */
function takeAway(file, seen) {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, "utf8") === seen.text) rmSync(aside);
    else renameSync(aside, file);
  } catch (error) {
    if (error.code !== "ENOENT") throw error; // ENOENT: another waiter was faster
  }
}

/**
 * Runs `work` while no other process holds `file`. A lock whose owner is gone is taken over. Nothing depends on it for
 * correctness (results are published by an atomic rename); it keeps two runs from doing the same five minutes of work.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {{ onWait?: (owner: { pid: number, host: string, since: string } | null) => void, pollMs?: number,
 *   silentMs?: number }} [options] `onWait` is called once when somebody else holds the lock
 * @returns {Promise<T>}
 */
export async function withLock(file, work, { onWait, pollMs = 250, silentMs = 60_000 } = {}) {
  const owner = {
    pid: process.pid,
    host: hostname(),
    started: processStart(process.pid),
    since: new Date().toISOString(),
  };
  const text = JSON.stringify({ ...owner, token: randomUUID() });
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; ;) {
    try {
      writeFileSync(file, text, { flag: "wx" });
      break;
    } catch (error) {
      const held = error.code === "EEXIST" || (error.code === "EPERM" && process.platform === "win32");
      if (!held) throw error;
    }
    const seen = look(file);
    if (seen && isStale(seen.owner, seen.ageMs, silentMs)) {
      takeAway(file, seen);
      continue;
    }
    if (seen && !told) onWait?.(seen.owner);
    told ||= seen !== null;
    await sleep(seen ? pollMs : 10);
  }
  const release = () => {
    if (look(file)?.text === text) rmSync(file, { force: true });
  };
  const beat = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(file, now, now);
    } catch {
      // taken away: the work goes on, publishing decides
    }
  }, silentMs / HEARTBEATS);
  beat.unref();
  const released = onAbort(release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    released();
    release();
  }
}
