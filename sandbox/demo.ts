/** `npm run demo`: the whole story in a world of its own, every step asserted, with a timed table at the end. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { parse } from "yaml";

import { FaultsError } from "../core/fault.js";
import { STORY } from "./story/story.js";
import { startWorld } from "./world/world.js";

interface Timed {
  readonly step: string;
  readonly seconds: number;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { settings: { type: "string" }, keep: { type: "boolean" } } });
  const settings = values.settings === undefined ? {} : await readExtraSettings(values.settings);
  const dir = await mkdtemp(join(tmpdir(), "p24-demo-"));
  const timed: Timed[] = [];
  let began = performance.now();
  const lap = (step: string) => {
    timed.push({ step, seconds: (performance.now() - began) / 1000 });
    began = performance.now();
  };
  try {
    const world = await startWorld({ dir, checkout: resolve(__dirname, ".."), settings });
    lap("set up the sandbox");
    console.log(world.describe().join("\n"));
    try {
      for (const { title, run } of STORY) {
        console.log(`\n── ${title}`);
        began = performance.now();
        await run(world, (text) => {
          console.log(text);
        });
        lap(title);
      }
    } finally {
      await world.close();
    }
  } finally {
    if (values.keep !== true) {
      await rm(dir, { recursive: true, force: true });
    }
  }
  printTable(timed);
  return 0;
}

/** Settings of a file in the form of Pulumi.STACK.yaml, laid over the sandbox's own. */
async function readExtraSettings(file: string): Promise<Record<string, unknown>> {
  const { config } = parse(await readFile(file, "utf8")) as { config?: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config ?? {}).map(([name, value]) => [name.replace(/^p24-infra:/, ""), value]),
  );
}

function printTable(timed: readonly Timed[]): void {
  const width = Math.max(...timed.map(({ step }) => step.length));
  console.log("\nEvery step did what it says. Seconds:");
  for (const { step, seconds } of timed) {
    console.log(`  ${step.padEnd(width)}  ${seconds.toFixed(1).padStart(6)}`);
  }
  const total = timed.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(`  ${"total".padEnd(width)}  ${total.toFixed(1).padStart(6)}`);
}

main()
  .then((code) => {
    process.exitCode = code;
  })
  .catch((error: unknown) => {
    const people = error instanceof FaultsError ? error.message : undefined;
    console.error(`\nThe demo stopped: ${people ?? (error instanceof Error ? (error.stack ?? error.message) : "")}`);
    process.exitCode = 1;
  });
