import { cp, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { stringify } from "yaml";

import { run } from "../../core/process.js";
import type { SandboxPaths } from "./paths.js";
import type { TeamSecrets } from "./team.js";

/** What differs between the sandbox and production: data, never the program. */
export interface WorktreeContent {
  readonly secrets: TeamSecrets;
  /** Names of the hosts. */
  readonly hosts: readonly string[];
  /** Recipient by name, as in .sops.yaml: `dev_radieu`, `vps_i1`, … */
  readonly recipients: Readonly<Record<string, string>>;
  /** The settings below `config:`, by name without the project's prefix. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const COMMON_SOURCES = ["shared", "github-actions", "stack"];

/** Sources and settings are the sandbox's own; these come from the checkout as copies: edited, read by git, or with a `.env` in them. */
const COPIED = ["Pulumi.yaml", "inventory.yaml", ".gitignore", ".gitattributes", "docs", "monitoring"];
const OWN = new Set([...COPIED, "secrets", ".sops.yaml", ".git", ".sandbox", "Pulumi.prod.yaml"]);

/**
 * Lays out the operator's clone: a git repository whose sources, recipients and settings are the sandbox's, and whose
 * program is the checkout's own through links. The sources are encrypted by the real sops and committed.
 */
export async function layOutWorktree(
  checkout: string,
  paths: SandboxPaths,
  content: WorktreeContent,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const work = paths.work;
  await mkdir(join(work, "secrets"), { recursive: true });
  const entries = await readdir(checkout);
  await Promise.all([
    ...entries.filter((name) => !OWN.has(name)).map((name) => symlink(join(checkout, name), join(work, name))),
    ...COPIED.map((name) => cp(join(checkout, name), join(work, name), { recursive: true })),
    writeFile(join(work, ".sops.yaml"), sopsRules(content.recipients, content.hosts)),
    writeFile(join(work, "Pulumi.sandbox.yaml"), settingsText(content.settings)),
  ]);
  const files = new Set([...COMMON_SOURCES, ...content.hosts]);
  await Promise.all(
    Object.entries(content.secrets)
      .filter(([name]) => files.has(name))
      .map(([name, values]) => encryptSource(work, `secrets/${name}.sops.yaml`, values, env)),
  );
  await finish("pulumi", ["stack", "init", "sandbox", "--non-interactive"], work, env);
  await git(work, env, "init", "--quiet", "--initial-branch=main");
  await git(work, env, "add", "--all");
  await git(work, env, "commit", "--quiet", "--message", "feat(secrets): the sandbox's sources");
}

/** Encrypts values with the real sops; the plaintext goes through its standard input and never lies in a file. */
export async function encryptSource(
  work: string,
  path: string,
  values: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const args = [
    "encrypt",
    "--filename-override",
    path,
    "--input-type",
    "json",
    "--output-type",
    "yaml",
    "--output",
    path,
  ];
  await finish("sops", args, work, env, JSON.stringify(values));
}

/** Runs a command that must succeed. */
async function finish(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  input?: string,
): Promise<string> {
  const { code, stdout } = await run(command, args, { cwd, env, ...(input === undefined ? {} : { input }) });
  if (code !== 0) {
    throw new Error(`${command} ${args.slice(0, 2).join(" ")} ended with ${String(code)}`);
  }
  return stdout.trim();
}

export function git(work: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<string> {
  return finish("git", args, work, env);
}

function sopsRules(recipients: Readonly<Record<string, string>>, hosts: readonly string[]): string {
  const identities = hosts.map((host) => host.replaceAll("-", "_"));
  const keys = Object.entries(recipients).map(([name, recipient]) => `  - &${name} ${recipient}`);
  const rule = (pattern: string, names: readonly string[]) =>
    `  - path_regex: ^secrets[/\\\\]${pattern}\\.sops\\.yaml$\n    key_groups:\n      - age: [${names.map((name) => `*${name}`).join(", ")}]`;
  return [
    "keys:",
    ...keys,
    "creation_rules:",
    rule("shared", ["dev_radieu", ...identities, "gha_runner"]),
    ...hosts.map((host, at) => rule(host, ["dev_radieu", identities[at] ?? "", "gha_runner"])),
    rule("(github-actions|stack)", ["dev_radieu", "gha_runner"]),
    "",
  ].join("\n");
}

function settingsText(settings: Readonly<Record<string, unknown>>): string {
  const config = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`p24-infra:${name}`, value]));
  return stringify({ config });
}
