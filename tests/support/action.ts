/** Runs a composite action as GitHub's runner does: the very `run` texts of its action.yml, in bash. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parse } from "yaml";

import { run } from "../../core/process.js";

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: {
    readonly using: string;
    readonly steps: readonly {
      readonly id?: string;
      readonly shell: string;
      readonly run: string;
      readonly env?: Readonly<Record<string, string>>;
    }[];
  };
}

/** What the steps behind it see. */
export interface ActionRun {
  readonly code: number | undefined;
  /** The log, before the runner masks anything in it. */
  readonly log: string;
  /** Added to the environment of later steps. */
  readonly env: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** @param action folder of action.yml; @param folder an existing one for the runner's files */
export async function runAction(
  action: string,
  folder: string,
  given: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<ActionRun> {
  const { inputs, outputs, runs } = parse(await readFile(join(action, "action.yml"), "utf8")) as ActionFile;
  const values: Record<string, string> = {};
  for (const [name, { default: fallback }] of Object.entries(inputs)) {
    values[`inputs.${name}`] = given[name] ?? fallback ?? "";
  }
  const files = { GITHUB_ENV: join(folder, "env"), GITHUB_OUTPUT: join(folder, "output") };
  await writeFile(files.GITHUB_ENV, "");
  let log = "";
  for (const { id, run: text, shell, env: own = {} } of runs.steps) {
    if (runs.using !== "composite" || shell !== "bash") {
      throw new Error("only composite actions with bash are emulated");
    }
    await writeFile(files.GITHUB_OUTPUT, "");
    const stepEnv = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, fill(value, values)]));
    // As the runner calls it: docs.github.com, "Workflow syntax", jobs.<job_id>.steps[*].shell.
    const { code, stdout } = await run("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", text], {
      cwd: folder,
      env: { ...env, ...files, ...stepEnv, GITHUB_ACTION_PATH: action, CI: "true" },
      listen: (stderr) => (log += stderr),
    });
    log += stdout;
    if (code !== 0) {
      return { code, log, env: await readPairs(files.GITHUB_ENV), outputs: {} };
    }
    for (const [name, value] of Object.entries(await readPairs(files.GITHUB_OUTPUT))) {
      values[`steps.${id ?? ""}.outputs.${name}`] = value;
    }
  }
  const named = Object.entries(outputs).map(([name, { value }]) => [name, fill(value, values)]);
  return { code: 0, log, env: await readPairs(files.GITHUB_ENV), outputs: Object.fromEntries(named) as never };
}

/** `${{ name }}` and nothing more of GitHub's expressions. */
function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{ ([a-z0-9.-]+) \}\}/g, (_, name: string) => values[name] ?? "");
}

/** The runner's files with one `NAME=value` a line. */
async function readPairs(file: string): Promise<Record<string, string>> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}
