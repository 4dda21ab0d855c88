import { cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";

import { stringify } from "yaml";

import { run } from "../../core/process.js";
import { makeSigner, makeSyncIdentity } from "../../core/seal/pairs.js";
import { signerPublicPart } from "../../core/seal/payload.js";
import { syncPublicPart } from "../../core/seal/agent.js";
import { ensureToolchain, installPlugins } from "../../toolchain/setup.mjs";
import { startFence, type Fence } from "../fence/index.js";
import type { GitHubWorld } from "../github/index.js";
import { installAdminSsh } from "../hosts/admin.js";
import { childEnvironment } from "./environment.js";
import type { CommandResult } from "./engine.js";
import { APP, createTeamGitHub, OWNER } from "./github.js";
import { type HostName, startTeamHost, type StartTeamHost, type TeamHost, teamTargets } from "./hosts.js";
import { sandboxPaths, type SandboxPaths } from "./paths.js";

export interface BareOptions {
  /** Folder of the sandbox; what is in it is replaced. */
  readonly dir: string;
  /** The checkout that is copied. */
  readonly checkout: string;
  readonly startHost?: StartTeamHost;
}

/**
 * A loopback world before the bootstrap: an account at the emulated GitHub, hosts that know nothing of us, and a folder with
 * a copy of the project, its templates and placeholders. No identity, no repository, no stack.
 */
export interface BareWorld {
  readonly paths: SandboxPaths;
  readonly github: GitHubWorld;
  readonly fence: Fence;
  readonly hosts: ReadonlyMap<HostName, TeamHost>;
  readonly env: Record<string, string>;
  /** First on PATH, for programs that a test puts before the others. */
  readonly bin: string;
  readonly binDir: string;
  heard?: (result: CommandResult, command: string) => void;
  close(): Promise<void>;
}

const HOME = "p24-infra";

/** What the bootstrap has to bring itself. */
const ITS_OWN = new Set(["SOPS_AGE_KEY_FILE", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_BACKEND_URL", "SSH_AUTH_SOCK"]);

export async function startBareWorld({ dir, checkout, startHost = startTeamHost }: BareOptions): Promise<BareWorld> {
  const paths = sandboxPaths(dir);
  await rm(dir, { recursive: true, force: true });
  await Promise.all([paths.home, paths.hosts, paths.work].map((folder) => mkdir(folder, { recursive: true })));
  const toolchain = await ensureToolchain();
  await installPlugins({ pulumiHome: paths.pulumiHome, tools: toolchain.tools });
  const { github, credential } = createTeamGitHub([HOME], {});
  const fence = await startFence({ routes: { "api.github.com": github.handle }, caDir: paths.authority });
  const locate = (name: string) => toolchain.tools.find((tool) => tool.name === name)?.location ?? name;
  const hosts = await startStrangers(startHost, paths, { age: locate("age"), ageKeygen: locate("age-keygen") });
  const bin = join(dir, "bin");
  await installAdminSsh(bin, [...hosts.values()]);

  const parts = {
    paths,
    binDir: toolchain.binDir,
    proxyUrl: fence.url,
    authorityBundle: fence.bundleFile,
    authorityFile: fence.caFile,
    githubCredential: credential,
    agentSocket: "",
    passphrase: "",
    control: { url: "", credential: "" },
  };
  const whole = childEnvironment(parts, process.env);
  const env = Object.fromEntries(Object.entries(whole).filter(([name]) => !ITS_OWN.has(name)));
  await writeFile(`${paths.home}/.gitconfig`, "[user]\n\tname = Sandbox Operator\n\temail = operator@example.test\n");
  await copyProject(checkout, paths.work);
  await writeFile(join(paths.work, "Pulumi.sandbox.yaml"), settingsText(hosts));
  return {
    paths,
    github,
    fence,
    hosts,
    bin,
    binDir: toolchain.binDir,
    env: { ...env, PATH: [bin, env["PATH"] ?? ""].join(delimiter) },
    close: async () => {
      await Promise.all([...hosts.values()].map((host) => host.close()));
      await fence.close();
    },
  };
}

/** Hosts whose observers, signer and sync key are nobody's: what an installation has to put right. */
async function startStrangers(start: StartTeamHost, paths: SandboxPaths, bin: { age: string; ageKeygen: string }) {
  const common = {
    user: "claude-admin",
    bin,
    observers: [],
    signerPublicPem: signerPublicPart(makeSigner()),
    syncPublicKey: await syncPublicPart(makeSyncIdentity()),
  };
  const started = await Promise.all(
    [...teamTargets()].map(
      async ([name, target]) =>
        [name, await start(name, target, { ...common, dir: `${paths.hosts}/${name}` })] as const,
    ),
  );
  return new Map(started);
}

/** What git tracks or would add; the packages are the checkout's own through a link. */
async function copyProject(checkout: string, work: string): Promise<void> {
  const { stdout } = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: checkout,
  });
  const files = stdout.split("\0").filter((path) => path !== "");
  for (const folder of new Set(files.map((path) => dirname(path)))) {
    await mkdir(join(work, folder), { recursive: true });
  }
  await Promise.all(
    files.map((path) => cp(join(checkout, path), join(work, path), { force: true }).catch(() => undefined)),
  );
  await symlink(join(checkout, "node_modules"), join(work, "node_modules"));
}

function settingsText(hosts: ReadonlyMap<HostName, TeamHost>): string {
  const entries = [...hosts].map(([name, { port, user, target }]) => [
    name,
    { address: "127.0.0.1", port, user, hostKey: "PENDING", target, plain: { TZ: "Europe/Warsaw" } },
  ]);
  const config = {
    "p24-infra:github": { owner: OWNER, repositories: [HOME], home: HOME, app: APP },
    "p24-infra:hosts": Object.fromEntries(entries) as unknown,
  };
  return `# The sandbox's settings, before the bootstrap.\n${stringify({ config })}`;
}
