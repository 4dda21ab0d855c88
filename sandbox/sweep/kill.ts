import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { World } from "../world/world.js";

/**
 * Runs a command and kills the engine in it: at the second write to GitHub, or, when nothing is written, as soon as the
 * program asks GitHub. Only processes with this world's environment are meant.
 */
export async function killDuring(world: World, signal: NodeJS.Signals, run: () => Promise<unknown>): Promise<void> {
  let writes = 0;
  const slow = world.github.inject({ method: "PUT", path: "**", delayMs: 500, times: Infinity });
  const unlisten = world.github.onRequest(({ method }) => {
    writes += method === "PUT" ? 1 : 0;
    if (writes === 2 || signal === "SIGQUIT") {
      engines(world).forEach((pid) => process.kill(pid, signal));
    }
  });
  try {
    await run();
  } finally {
    unlisten();
    slow.remove();
    await assertNobodyLeft(world);
  }
}

/** A killed engine left a process behind. The text names programs only. */
export class Outlived extends Error {}

const PATIENCE_MS = 15_000;

/**
 * What the engine started ends with it: a program that stays holds every opened value. The engine's parts that are written
 * in Go look for it every five minutes only (pulumi/pulumi: `rpcutil.Healthcheck`); they never see a value, and are ended here.
 */
async function assertNobodyLeft(world: World): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  const isPatient = ({ words }: { words: string[] }) => /pulumi-(language-nodejs|resource-github)/.test(words[0] ?? "");
  while (!processesOf(world).every(isPatient) && Date.now() < until) {
    await sleep(50);
  }
  const all = processesOf(world);
  all.filter(isPatient).forEach(({ pid }) => process.kill(pid, "SIGTERM"));
  const left = all.filter((one) => !isPatient(one));
  left.forEach(({ pid }) => process.kill(pid, "SIGKILL"));
  if (left.length > 0) {
    const programs = left.map(({ words }) => words.slice(0, 3).join(" "));
    throw new Outlived(`processes outlived the engine that started them: ${programs.join("; ")}`);
  }
}

function engines(world: World): number[] {
  return processesOf(world)
    .filter(({ words: [program = "", verb] }) => /(^|\/)pulumi$/.test(program) && (verb === "up" || verb === "preview"))
    .map(({ pid }) => pid);
}

/** The processes that run in this world's environment. */
function processesOf(world: World): { pid: number; words: string[] }[] {
  const mine = `PULUMI_HOME=${world.paths.pulumiHome}\0`;
  return readdirSync("/proc").flatMap((name) => {
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      return readFileSync(`/proc/${name}/environ`, "utf8").includes(mine) ? [{ pid: Number(name), words }] : [];
    } catch {
      return []; // not a process, or gone meanwhile
    }
  });
}
