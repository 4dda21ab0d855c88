import { spawn } from "node:child_process";

import type { World } from "./world.js";

/** How a command in the operator's clone ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** Runs a command in the operator's clone with the sandbox's environment. */
export function inWorktree(
  world: Pick<World, "paths" | "env" | "heard">,
  command: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<CommandResult> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? world.paths.work,
      env: { ...world.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.once("error", reject);
    child.once("close", (code) => {
      const result = { code: code ?? -1, stdout, stderr, elapsedMs: performance.now() - started };
      world.heard?.(result, [command, ...args].join(" "));
      resolve(result);
    });
  });
}

/** The operator CLI. */
export function p24(world: World, ...args: string[]): Promise<CommandResult> {
  return inWorktree(world, process.execPath, ["cli/p24.mjs", ...args]);
}

/** What a preview plans, taken from `pulumi preview --json`. */
export interface Preview extends CommandResult {
  /** `create github:index/actionsSecret:ActionsSecret p24-infra/SMTP_PASSWORD`, without what stays the same. */
  readonly changes: readonly string[];
  /** The comparison as the program printed it. */
  readonly report: string;
  readonly diagnostics: readonly { readonly severity: string; readonly message: string }[];
}

interface PreviewJson {
  readonly steps?: readonly { readonly op: string; readonly urn: string }[];
  readonly diagnostics?: readonly { readonly severity: string; readonly message: string }[];
}

/** Runs `pulumi preview` and reads what it plans. */
export async function preview(world: World, ...args: string[]): Promise<Preview> {
  const result = await inWorktree(world, "pulumi", ["preview", "--json", ...args]);
  const json = JSON.parse(result.stdout) as PreviewJson;
  const diagnostics = json.diagnostics ?? [];
  const report = diagnostics.find(({ message }) => message.startsWith("git compared with every place:"))?.message ?? "";
  const changes = (json.steps ?? [])
    .filter(({ op }) => op !== "same" && op !== "read")
    .map(({ op, urn }) => {
      const [, , type = "", name = ""] = urn.split("::");
      return `${op} ${type.split("$").at(-1) ?? ""} ${name}`;
    });
  return { ...result, changes: changes.sort(), report, diagnostics };
}

/** Runs `pulumi up` through the CLI, as CI does. */
export function up(world: World, ...args: string[]): Promise<CommandResult> {
  return p24(world, "pulumi", "--", "up", "--yes", "--skip-preview", "--non-interactive", ...args);
}

/** Commits everything in the operator's clone. */
export async function commit(world: World, message: string): Promise<void> {
  for (const args of [
    ["add", "--all"],
    ["commit", "--quiet", "--allow-empty", "--message", message],
  ]) {
    const { code, stderr } = await inWorktree(world, "git", args);
    if (code !== 0) {
      throw new Error(`git ${args[0] ?? ""}: ${stderr}`);
    }
  }
}

/** Sets one value with sops, through its standard input, as an operator's rotation does, and commits. */
export async function rotate(world: World, source: string, name: string, value: string): Promise<void> {
  const file = `secrets/${source}.sops.yaml`;
  const args = ["set", "--value-stdin", file, `["${name}"]`];
  const { code, stderr } = await inWorktree(world, "sops", args, { input: JSON.stringify(value) });
  if (code !== 0) {
    throw new Error(`sops set: ${stderr}`);
  }
  await commit(world, `fix(secrets): rotate ${name}`);
}

/** Removes one key from a source and commits. */
export async function removeSecret(world: World, source: string, name: string): Promise<void> {
  const { code, stderr } = await inWorktree(world, "sops", ["unset", `secrets/${source}.sops.yaml`, `["${name}"]`]);
  if (code !== 0) {
    throw new Error(`sops unset: ${stderr}`);
  }
  await commit(world, `fix(secrets): remove ${name}`);
}
