import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";

import { type CommandResult, inWorktree, up } from "../sandbox/world/engine.js";
import { startTeamHost } from "../sandbox/world/hosts.js";
import { makeTeamSecrets } from "../sandbox/world/team.js";
import { startWorld, type World } from "../sandbox/world/world.js";

const CHECKOUT = resolve(__dirname, "..");

/** Secrets in the sources, the program's own (stack.sops.yaml) not counted. */
export const SECRETS = 60;

/** What is compared: a converged sandbox and a program without a line, under the same engine and backend. */
export interface Subjects {
  readonly world: World;
  /** Folder of the empty program that starts as ours does, with core/loader.cjs. */
  readonly empty: string;
  /** Folder of the empty program that starts as Pulumi and tsx document it. */
  readonly plain: string;
  close(): Promise<void>;
}

/** Two hosts, one repository, {@link SECRETS} secrets, converged by an `up`; beside it empty programs, each with its own stack. */
export async function startSubjects(): Promise<Subjects> {
  const dir = await mkdtemp(join(tmpdir(), "p24-bench-"));
  const world = await startWorld({
    dir: join(dir, "world"),
    checkout: CHECKOUT,
    secrets: sixtySecrets(),
    // What a Docker client costs is a host's and not ours. The one in Node takes five times as long to start.
    startHost: (name, target, options) => startTeamHost(name, target, { ...options, dockerClient: "perl" }),
  });
  const [empty, plain] = [join(dir, "empty"), join(dir, "plain")];
  const close = async () => {
    await world.close();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    succeeded(await up(world));
    for (const [folder, nodeargs] of [
      [empty, undefined],
      [plain, "--import tsx"],
    ] as const) {
      await layOutEmptyProgram(folder, nodeargs);
      const pulumi = async (...args: string[]) => inWorktree(world, "pulumi", args, { cwd: folder });
      succeeded(await pulumi("stack", "init", "sandbox", "--non-interactive"));
      succeeded(await pulumi("up", "--yes", "--skip-preview", "--non-interactive"));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { world, empty, plain, close };
}

function sixtySecrets(): ReturnType<typeof makeTeamSecrets> {
  const team = makeTeamSecrets();
  const { stack, ...sources } = team;
  const missing = SECRETS - Object.values(sources).flatMap((source) => Object.keys(source)).length;
  const more: [string, string][] = [];
  while (more.length < missing) {
    more.push([`bench_secret_${String(more.length)}`, `value ${String(more.length)}`]);
  }
  return { ...sources, stack, "github-actions": { ...sources["github-actions"], ...Object.fromEntries(more) } };
}

/** The same packages and runtime options, but for `nodeargs` when given, and an empty index.ts. */
async function layOutEmptyProgram(folder: string, nodeargs?: string): Promise<void> {
  await mkdir(folder);
  const project = (await readFile(join(CHECKOUT, "Pulumi.yaml"), "utf8"))
    .replace(/^name: .*$/m, `name: ${basename(folder)}`)
    .replace(/nodeargs: .*$/m, (ours) => (nodeargs === undefined ? ours : `nodeargs: ${nodeargs}`));
  await Promise.all([
    writeFile(join(folder, "Pulumi.yaml"), project),
    writeFile(join(folder, "index.ts"), "export {};\n"),
    copyFile(join(CHECKOUT, "package.json"), join(folder, "package.json")),
    copyFile(join(CHECKOUT, "tsconfig.json"), join(folder, "tsconfig.json")),
    symlink(join(CHECKOUT, "node_modules"), join(folder, "node_modules")),
    symlink(join(CHECKOUT, "core"), join(folder, "core")), // the loader
  ]);
}

/** What a run cost. */
export interface Cost {
  readonly elapsedMs: number;
  /** Processor time of all its processes, which depends less on what else the machine does. */
  readonly cpuMs: number;
}

const TIMED = 'pulumi preview --non-interactive --expect-no-changes >&2; code=$?; times; exit "$code"';

/** A preview that must find nothing to do. */
export async function noOpPreview(
  { world }: Pick<Subjects, "world">,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Cost> {
  const { elapsedMs, stdout } = succeeded(await inWorktree(world, "sh", ["-c", TIMED], { cwd, env }));
  // POSIX `times`: a line for the shell, then one for its children, user and system time in each.
  const children = stdout.trim().split("\n").at(-1) ?? "";
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, sec]) => Number(m) * 60 + Number(sec));
  return { elapsedMs, cpuMs: seconds.reduce((sum, part) => sum + part, 0) * 1000 };
}

function succeeded(result: CommandResult): CommandResult {
  if (result.code !== 0) {
    throw new Error(`ended with ${String(result.code)}:\n${result.stdout}${result.stderr}`);
  }
  return result;
}
