import { statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { VERBS } from "../../cli/verbs/all.js";
import { signerPublicPart } from "../../core/seal/payload.js";
import { Secret } from "../../core/seal/secret.js";
import type { ReachableHost } from "../hosts/index.js";
import { STORY, type Step } from "../story/story.js";
import { type CommandResult, inWorktree } from "../world/engine.js";
import { startWorld, type World } from "../world/world.js";
import { type Allowance, allowancesFor } from "./allowances.js";
import { canariesOf, type Named, teamValues } from "./canaries.js";
import { failurePaths, typedValues } from "./failures.js";
import { operatorsDay } from "./operator.js";
import { valuesInHistory } from "./history.js";
import { filesBelow, filesOf, gitObjects, type Sample } from "./places.js";
import { type Watched, watchProcesses } from "./processes.js";
import { Searcher } from "../../core/search/searcher.js";
import { everyVerb, gapsIn, type Heard } from "./verbs.js";
import { Inquiry, type Verdict } from "./verdict.js";
import { openerFor } from "./views.js";

/** What a whole sweep gave. It holds names and numbers, no value. */
export interface SweepReport extends Verdict {
  readonly allowances: readonly Allowance[];
  readonly secrets: readonly string[];
  readonly patterns: number;
  /** Bytes searched, every view of a content counted. */
  readonly bytes: number;
  /** What of the verbs of p24 was not run; none when all were, with their failures and `--json`. */
  readonly gaps: readonly string[];
  readonly watched: Omit<Watched, "samples">;
  readonly seconds: { readonly run: number; readonly search: number };
}

/**
 * Runs the whole story and every failure path in a world of its own, and searches everything that came out for every
 * value. `say` is told what is done.
 */
export async function runSweep(checkout: string, say: (text: string) => void): Promise<SweepReport> {
  const base = await mkdtemp("/tmp/p24-sweep-");
  const temporary = join(base, "tmp");
  const callers = process.env["TMPDIR"];
  await mkdir(temporary);
  process.env["TMPDIR"] = temporary;
  try {
    return await sweepIn(base, temporary, checkout, say);
  } finally {
    if (callers === undefined) {
      delete process.env["TMPDIR"];
    } else {
      process.env["TMPDIR"] = callers;
    }
    await rm(base, { recursive: true, force: true });
  }
}

async function sweepIn(base: string, temporary: string, checkout: string, say: (text: string) => void) {
  const began = performance.now();
  const dir = join(base, "world");
  const watch = await watchProcesses(`TMPDIR=${temporary}`, [temporary, join(dir, "work/secrets")]);
  const samples: Sample[] = [];
  const typed = typedValues();
  let exportedAt = 0;
  const bundles = join(checkout, "node_modules/.cache/p24/bundles"); // core/bundle.cjs
  await forgetCode(bundles);
  const world = await startWorld({ dir, checkout, gateway: true, alerts: true });
  try {
    const heard: Heard[] = [];
    world.heard = (result, command) => {
      samples.push(...printed(result, command));
      heard.push({ command, code: result.code });
    };
    for (const step of stepsOf(typed)) {
      const at = performance.now();
      await step.run(world, () => undefined);
      say(`${((performance.now() - at) / 1000).toFixed(1).padStart(6)} s  ${step.title}`);
      if (stateTime(world) !== exportedAt) {
        samples.push(...(await exported(world)));
        exportedAt = stateTime(world);
      }
    }
    const { samples: seen, ...watched } = await watch.stop();
    const ran = performance.now();
    const values = [
      ...teamValues(world.secrets),
      ...(await valuesInHistory(world)),
      ...(await others(world)),
      ...typed,
    ];
    const searcher = new Searcher(canariesOf(values, await publicTexts(world)));
    const allowances = allowancesFor(world.secrets.stack);
    const settings = await readFile(join(world.paths.work, "Pulumi.sandbox.yaml"), "utf8");
    const opener = openerFor(settings, world.secrets.stack["pulumi_passphrase"] ?? "");
    const inquiry = new Inquiry(searcher, allowances, opener);
    await inquiry.takeAll([...samples, ...seen, ...requests(world)]);
    await inquiry.takeAll(filesOf(world.paths));
    await inquiry.takeAll(filesBelow("temporary files", temporary, base));
    await inquiry.takeAll(filesBelow("bundles", bundles, checkout));
    await inquiry.takeAll(gitObjects(world.paths.work, world.env));
    return {
      ...inquiry.verdict(),
      allowances,
      secrets: [...new Set(values.map(({ secret }) => secret))],
      patterns: searcher.size,
      bytes: searcher.searched,
      gaps: gapsIn(VERBS, heard),
      watched,
      seconds: { run: (ran - began) / 1000, search: (performance.now() - ran) / 1000 },
    };
  } finally {
    await watch.stop();
    await world.close();
  }
}

/** The story with an operator's day and the failure paths before its back-out. */
function stepsOf(typed: readonly Named[]): Step[] {
  const refused = typed.find(({ secret }) => secret === "typed/refused")?.value ?? "";
  return [
    ...STORY.slice(0, -1),
    ...operatorsDay(refused),
    everyVerb(refused),
    ...failurePaths(typed),
    ...STORY.slice(-1),
  ];
}

function printed({ stdout, stderr }: CommandResult, command: string): Sample[] {
  return Object.entries({ stdout, stderr }).map(([stream, text]) => {
    return { place: "output", where: `${stream} of ${shortened(command)}`, content: Buffer.from(text) };
  });
}

/** The first words of a command line, without what was typed behind them. */
function shortened(command: string): string {
  return command
    .split(" ")
    .slice(0, 4)
    .map((word) => word.replace(/^.*\//, "").replace(/cnry.*/, "(a value)"))
    .join(" ");
}

/** When the engine last wrote the stack's state. */
function stateTime({ paths }: World): number {
  return statSync(join(paths.backend, ".pulumi/stacks/p24-infra/sandbox.json")).mtimeMs;
}

/** The stack with its secrets opened. */
/** V8's code of our programs is written anew by processes of this sweep: what they hold in memory must not lie in it. */
async function forgetCode(bundles: string): Promise<void> {
  const kept = await readdir(bundles).catch(() => []);
  await Promise.all(
    kept.filter((file) => file.endsWith(".code")).map((file) => rm(join(bundles, file), { force: true })),
  );
}

async function exported(world: World): Promise<Sample[]> {
  const { code, stdout } = await inWorktree(world, "pulumi", ["stack", "export", "--show-secrets"]);
  if (code !== 0) {
    throw new Error("pulumi stack export --show-secrets failed");
  }
  return [{ place: "stack export", where: "pulumi stack export --show-secrets", content: Buffer.from(stdout) }];
}

/** What the emulated APIs were asked, as their logs have it, and what the fence turned away. */
function requests(world: World): Sample[] {
  const log = JSON.stringify([world.github.requests, world.cloudflare.requests, world.fence.refused]);
  return [{ place: "output", where: "addresses of all requests", content: Buffer.from(log) }];
}

/** What belongs to no source: the age identities and the token. */
async function others({ paths, env, hosts }: World): Promise<Named[]> {
  const files = [
    ...["dev_radieu", "gha_runner"].map((name) => ({ name, path: join(paths.identities, `${name}.txt`) })),
    ...[...hosts].map(([name, { root }]) => ({ name, path: join(root, "root/.age/secrets.key") })),
  ];
  const identities = await Promise.all(
    files.map(async ({ name, path }) => {
      const value = /AGE-SECRET-KEY-1[0-9A-Z]+/.exec(await readFile(path, "utf8"))?.[0] ?? "";
      return { secret: `identity/${name}`, value };
    }),
  );
  return [...identities, { secret: "sandbox/github_token", value: env["GITHUB_TOKEN"] ?? "" }];
}

/** The public parts of what is private in the stack's source: they stand on every host. */
export async function publicTexts({ hosts, secrets }: World): Promise<string[]> {
  return [
    signerPublicPart(new Secret(secrets.stack["payload_signing_key"] ?? "")),
    ...(await publicTextsOf(hosts.values())),
  ];
}

/** What hosts know of the sync in public. */
export async function publicTextsOf(hosts: Iterable<ReachableHost>): Promise<string[]> {
  const files = [...hosts].flatMap(({ root, user }) => [
    join(root, `home/${user}/.ssh/authorized_keys`),
    join(root, "etc/p24-host/signer.pem"),
  ]);
  return Promise.all(files.map((file) => readFile(file, "utf8")));
}
