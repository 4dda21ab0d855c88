import { spawn } from "node:child_process";

import type { Fleet } from "../world.js";
import type { Took, Way } from "./way.js";

/** As .github/workflows/secrets-sync.yml runs it. */
export const UP = ["up", "--yes", "--continue-on-error", "--skip-preview", "--non-interactive"];
export const PREVIEW = ["preview", "--non-interactive"];
const ENTRY = ["cli/p24.mjs", "pulumi", "--"];

/** The command line of ours, for those who measure something else than time. */
export function commandLine(args: readonly string[]): string[] {
  return [...ENTRY, ...args];
}

/**
 * What is printed where a phase of an `up` ends, in order; writing ends with the run, whether what it wrote was confirmed or
 * looked at again.
 */
const PHASES = [
  { name: "start", ends: "Updating (" },
  { name: "comparison", ends: "git compared with every place:" },
] as const;

async function ours({ world }: Fleet, args: readonly string[], expected = 0): Promise<Took & { text: string }> {
  const begun = performance.now();
  const marks: number[] = [];
  let text = "";
  const child = spawn(process.execPath, commandLine(args), {
    cwd: world.paths.work,
    env: world.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      const recent = text.slice(-100) + chunk;
      text += chunk;
      for (let next = PHASES[marks.length]; next !== undefined && recent.includes(next.ends);) {
        marks.push(performance.now());
        next = PHASES[marks.length];
      }
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  const ended = performance.now();
  if (code !== expected) {
    throw new Error(`p24 pulumi -- ${args.join(" ")} ended with ${String(code)}:\n${text.slice(-6000)}`);
  }
  if (text.includes("unreachable")) {
    throw new Error(`a place was not reached:\n${text.slice(-6000)}`);
  }
  return { ms: ended - begun, parts: partsOf(begun, marks, ended), text };
}

/** How long each phase took, when all of them were seen. */
function partsOf(begun: number, marks: readonly number[], ended: number): Record<string, number> {
  if (marks.length < PHASES.length) {
    return {};
  }
  const ends = [...marks, ended];
  return Object.fromEntries(
    [...PHASES.map(({ name }) => name), "writing"].map((name, at) => [
      name,
      (ends[at] ?? ended) - (at === 0 ? begun : (ends[at - 1] ?? begun)),
    ]),
  );
}

const nothing = () => Promise.resolve();

/** The fleet was converged by the `up` before it. */
export const noOpPreview: Way = {
  name: "preview",
  title: "ours: preview, nothing to do",
  prepare: nothing,
  run: (fleet) => ours(fleet, [...PREVIEW, "--expect-no-changes"]),
  check: nothing,
};

export const driftPreview: Way = {
  name: "drift",
  title: "ours: preview, one value drifted on one host",
  prepare: (fleet) => {
    fleet.drift();
    return nothing();
  },
  run: async (fleet) => {
    const took = await ours(fleet, PREVIEW);
    if (!/~ 1 to update/.test(took.text)) {
      throw new Error(`one drift was not seen as one:\n${took.text.slice(-6000)}`);
    }
    return took;
  },
  check: nothing,
};

export const rotation: Way = {
  name: "up",
  title: "ours: up after one rotation, verified",
  prepare: (fleet) => fleet.rotate(),
  run: (fleet) => ours(fleet, UP),
  check: (fleet) => fleet.verify(),
};

export const fromNothing: Way = {
  name: "fresh",
  title: "ours: up from nothing, verified",
  prepare: (fleet) => fleet.reset(),
  run: (fleet) => ours(fleet, UP),
  check: (fleet) => fleet.verify(),
};
