/** What the tests of the bootstrap share: a team's values for the templates, and what an operator types. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { isMap, isScalar, parseDocument } from "yaml";

import { writeDotenv } from "../../core/seal/dotenv.js";
import type { Named } from "../../sandbox/sweep/canaries.js";
import type { BareWorld } from "../../sandbox/world/bare.js";
import { type CommandResult, inWorktree } from "../../sandbox/world/engine.js";
import { makeTeamSecrets } from "../../sandbox/world/team.js";
import { secretsOf } from "./secrets.js";

const TEMPLATES = join(__dirname, "../../secrets");

/** Values of a team for the keys of the templates; each holds a canary. Those that init makes itself are left out. */
export function templateValues(): Named[] {
  return Object.entries(makeTeamSecrets()).flatMap(([source, values]) => {
    const { contents } = parseDocument(readFileSync(join(TEMPLATES, `${source}.sops.yaml`), "utf8"));
    const keys = isMap(contents) ? contents.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])) : [];
    return source === "stack"
      ? []
      : keys.map((key) => ({ secret: `${source}/${key}`, value: values[key] ?? `no value of the team for ${key}` }));
  });
}

/** As lines NAME=VALUE. */
export function asLines(values: readonly Named[]): string {
  const entries = values.map(({ secret, value }) => [(secret.split("/")[1] ?? "").toUpperCase(), value] as const);
  return writeDotenv(secretsOf(Object.fromEntries(entries)));
}

/** The flags of a whole bootstrap; values come by standard input. */
export const FLAGS = ["--yes", "--values", "-", "--without", "backend_access_key_id,backend_secret_access_key"];

/** `p24` in the copy, with the state in a folder of the world. */
export function p24(
  world: BareWorld,
  args: readonly string[],
  input = "",
  env: Record<string, string> = {},
): Promise<CommandResult> {
  const backend = { PULUMI_BACKEND_URL: `file://${world.paths.backend}` };
  return inWorktree(world, process.execPath, ["cli/p24.mjs", ...args], { input, env: { ...backend, ...env } });
}

/** The state and text of each step, from `init --json`. */
export function stepsOf({ stdout }: Pick<CommandResult, "stdout">): Record<string, string> {
  const { steps } = JSON.parse(stdout) as { steps: { step: string; state: string; what: string }[] };
  return Object.fromEntries(steps.map(({ step, state }) => [step, state]));
}

/** Files below a folder whose name says that they were written beside another. */
export function leftBeside(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".new"));
}
