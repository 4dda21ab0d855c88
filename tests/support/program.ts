/** What the tests of the program share: looks at the world through the program's own eyes, and runs that are killed. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

import { type Ledger, parseLedger } from "../../core/ledger.js";
import { inWorktree, up } from "../../sandbox/world/engine.js";
import { OWNER } from "../../sandbox/world/github.js";
import { makeTeamSecrets, type TeamSecrets } from "../../sandbox/world/team.js";
import type { World } from "../../sandbox/world/world.js";

export const REPOSITORY = "p24-infra";

/** What `p24 pulumi` says last when the stack is locked. */
export const LOCKED =
  "\nstack sandbox: is locked by another run, or by one that was killed; this run has changed nothing. Repair: wait until " +
  "the other run has ended; when the one named above no longer exists: npm run p24 -- pulumi -- cancel --yes\n";

/** The team's sources with other secrets for GitHub: the provider writes one a second, so few save time. */
export function teamWith(github: Readonly<Record<string, string>>): TeamSecrets {
  return { ...makeTeamSecrets(), "github-actions": github };
}

/** `count` secrets: `name_01` and so on. */
export function numbered(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const number = String(index + 1).padStart(2, "0");
      return [`name_${number}`, `value of ${number}`];
    }),
  );
}

/** The names that a preview's report calls not in sync at a place: `NAME_02 missing`. */
export function openAt(report: string, place: string): string[] {
  const lines = report.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`${place} `));
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => !line.startsWith("    "));
  return rest
    .slice(0, end)
    .flatMap((line) => /^ {4}([A-Z][A-Z0-9_]*) {2,}([a-z ]+?) {2}/.exec(line)?.slice(1).join(" ") ?? [])
    .sort();
}

/** The ledger as the engine saved it. */
export async function ledgerOf(world: World): Promise<Ledger> {
  const { code, stdout, stderr } = await inWorktree(world, "pulumi", ["stack", "export"]);
  assert.equal(code, 0, stderr);
  return parseLedger(stdout, "sandbox");
}

/** `pulumi stack output converged`, as an operator asks for it; empty when nothing ever did. */
export async function convergedOutput(world: World): Promise<string> {
  const { code, stdout } = await inWorktree(world, "pulumi", ["stack", "output", "converged"]);
  return code === 0 ? stdout.trim() : "";
}

export async function head(world: World): Promise<string> {
  return (await inWorktree(world, "git", ["rev-parse", "HEAD"])).stdout.trim();
}

/** `up` that must converge every place; gives what it printed. */
export async function converge(world: World): Promise<string> {
  const done = await up(world);
  assert.equal(done.code, 0, done.stdout + done.stderr);
  return done.stdout;
}

/** How often the API wrote each secret of the repository. */
export function writes(world: World): Record<string, number> {
  const all = world.github.writesOf(OWNER, REPOSITORY);
  return Object.fromEntries(Object.entries(all).map(([name, { created, updated }]) => [name, created + updated]));
}

/**
 * Starts `up` and kills it with everything that it started (SIGKILL, as when the machine goes) right after GitHub has
 * carried out write number `count`. Resolves when it has ended.
 */
export async function killedUp(world: World, count: number): Promise<void> {
  const { ended } = await signalledUp(world, count, "SIGKILL");
  assert.equal((await ended).signal, "SIGKILL", "the run ended before it was killed");
}

/** Starts `up` and halts all of it right after write number `count`; `resume` lets it go on and gives its exit code. */
export async function haltedUp(world: World, count: number): Promise<{ resume(): Promise<number | null> }> {
  const { pids, ended } = await signalledUp(world, count, "SIGSTOP");
  return {
    resume: async () => {
      for (const pid of pids) {
        send(pid, "SIGCONT");
      }
      return (await ended).code;
    },
  };
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts `up` through the CLI, as CI does; what it prints is dropped. */
export function startUp(world: World): { readonly pid: number; readonly ended: Promise<Ended> } {
  const args = ["cli/p24.mjs", "pulumi", "--", "up", "--yes", "--skip-preview"];
  const child = spawn(process.execPath, [...args, "--non-interactive"], {
    cwd: world.paths.work,
    env: world.env,
    stdio: "ignore",
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("exit", (code, by) => {
      resolve({ code, signal: by });
    });
  });
  return { pid: child.pid ?? 0, ended };
}

/** Signals a process and everything below it; tells whom. */
export function sendAll(root: number, signal: NodeJS.Signals): readonly number[] {
  const pids = tree(root);
  for (const pid of pids) {
    send(pid, signal);
  }
  return pids;
}

/** Resolves when the signal was sent, or when the run has ended before. */
async function signalledUp(
  world: World,
  count: number,
  signal: "SIGKILL" | "SIGSTOP",
): Promise<{ pids: readonly number[]; ended: Promise<Ended> }> {
  const { pid, ended } = startUp(world);
  let written = 0;
  let stopListening = () => {};
  const sent = new Promise<readonly number[]>((resolve) => {
    stopListening = world.github.onRequest(({ method, path }) => {
      written += method === "PUT" && path.includes("/actions/secrets/") ? 1 : 0;
      if (written === count) {
        written += 1;
        resolve(sendAll(pid, signal));
      }
    });
  });
  const pids = await Promise.race([sent, ended.then((): readonly number[] => [])]);
  stopListening();
  return { pids, ended };
}

/** A process and everything below it. Linux only, as the sandbox's hosts are. */
function tree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // ended meanwhile
    }
  }
  const found = [root];
  for (const pid of found) {
    found.push(...[...parents].filter(([, parent]) => parent === pid).map(([child]) => child));
  }
  return found;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ended meanwhile
  }
}
