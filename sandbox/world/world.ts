import { mkdir, rm, writeFile } from "node:fs/promises";

import ssh2 from "ssh2";

import { startAgent } from "../../core/seal/agent.js";
import { Secret } from "../../core/seal/secret.js";
import { signerPublicPart } from "../../core/seal/payload.js";
import { ensureToolchain, installPlugins, type ToolRecord } from "../../toolchain/setup.mjs";
import type { CloudflareWorld } from "../cloudflare/index.js";
import { createDiscord, type DiscordWorld } from "../discord/index.js";
import { type Fence, type FenceOptions, startFence } from "../fence/index.js";
import type { GitHubOptions, GitHubWorld } from "../github/index.js";
import type { VercelWorld } from "../vercel/index.js";

import { createTeamCloudflare } from "./cloudflare.js";
import { childEnvironment, type EnvironmentParts, envFileText } from "./environment.js";
import type { CommandResult } from "./engine.js";
import { APP, createTeamGitHub, OWNER } from "./github.js";
import { startTeamHost, type StartTeamHost, type TeamHost, type TeamTarget, teamTargets } from "./hosts.js";
import { makeIdentity } from "./identities.js";
import { checkLoopback } from "./loopback.js";
import { sandboxPaths, type SandboxPaths } from "./paths.js";
import { makeTeamSecrets, type TeamSecrets } from "./team.js";
import { createTeamVercel, vercelSettings } from "./vercel.js";
import { layOutWorktree } from "./worktree.js";

export interface WorldOptions {
  /** Folder of the sandbox; what is in it is replaced. */
  readonly dir: string;
  /** The checkout whose program runs. */
  readonly checkout: string;
  readonly repositories?: readonly string[];
  /** Sources; those of hosts that this world does not have are left out. */
  readonly secrets?: TeamSecrets;
  /** Hosts by name, when they are not the team's own two; each needs a source in `secrets`. */
  readonly hosts?: ReadonlyMap<string, TeamTarget>;
  /** Variables of each host's `.env` that are no secrets. */
  readonly plain?: Readonly<Record<string, string>>;
  /** Settings that are merged over the sandbox's own, below `config:` by name without the project's prefix. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Whether the team's settings and sources have a gateway at Cloudflare. */
  readonly gateway?: boolean;
  /** Whether the team's sources have a channel to alert. */
  readonly alerts?: boolean;
  /** The emulated GitHub's clock and limits. */
  readonly github?: GitHubOptions;
  /** Further hosts that the fence answers for. */
  readonly routes?: FenceOptions["routes"];
  /** What starts a host; the sandbox's stand-ins by default. */
  readonly startHost?: StartTeamHost;
  /** What the control endpoint answers to, when there is one. */
  readonly control?: { readonly url: string; readonly credential: string };
}

/** A whole loopback world in this process: emulated APIs, hosts, the operator's clone, and an environment to run in. */
export interface World {
  readonly paths: SandboxPaths;
  readonly github: GitHubWorld;
  /** The installation of the team's App. */
  readonly installation: number;
  readonly cloudflare: CloudflareWorld;
  readonly vercel: VercelWorld;
  readonly discord: DiscordWorld;
  readonly fence: Fence;
  readonly hosts: ReadonlyMap<string, TeamHost>;
  /** What was put into the sources. */
  readonly secrets: TeamSecrets;
  /** A whole environment for children. */
  readonly env: Record<string, string>;
  readonly tools: readonly ToolRecord[];
  /** Told how every command in the clone ended and what it printed, when somebody listens. */
  heard?: (result: CommandResult, command: string) => void;
  /** What is emulated, a line each. */
  describe(): string[];
  close(): Promise<void>;
}

/** The repository that holds the program. */
const HOME = "p24-infra";

/** Builds and starts a world. Throws before anything starts when a setting names a host that is not loopback. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const paths = sandboxPaths(options.dir);
  checkLoopback(options.settings?.["hosts"]);
  await rm(paths.dir, { recursive: true, force: true });
  await Promise.all([paths.home, paths.backend, paths.hosts].map((folder) => mkdir(folder, { recursive: true })));
  const toolchain = await ensureToolchain();
  const plugins = await installPlugins({ pulumiHome: paths.pulumiHome, tools: toolchain.tools });

  const repositories = options.repositories ?? ["p24-infra"];
  const { github, installation, credential } = createTeamGitHub(repositories, options.github ?? {});
  const vercel = createTeamVercel();
  const team = createTeamCloudflare(github.repositoryOf(OWNER, HOME));
  const { cloudflare } = team;
  const targets: ReadonlyMap<string, TeamTarget> = options.hosts ?? teamTargets();
  const given = options.secrets ?? makeTeamSecrets();
  const discord = createDiscord();
  const own: TeamSecrets["stack"] = {
    ...given.stack,
    ...(options.gateway === true ? team.secrets : {}),
    ...(options.alerts === true ? { alert_webhook_url: discord.webhook } : {}),
  };
  const secrets = { ...given, stack: own };
  const routes = {
    ...options.routes,
    "api.github.com": github.handle,
    "api.cloudflare.com": cloudflare.handle,
    "api.vercel.com": vercel.handle,
    "discord.com": discord.handle,
  };
  const fence = await startFence({ routes, caDir: paths.authority });
  const [developer, runner] = await Promise.all([
    makeIdentity(paths.identities, "dev_radieu"),
    makeIdentity(paths.identities, "gha_runner"),
  ]);
  const start = options.startHost ?? startTeamHost;
  const hosts = await startHosts(targets, start, paths, secrets, toolchain.tools, [developer, runner]);
  const agent = await startAgent(new Secret(secrets.stack["sync_ssh_key"] ?? ""));

  const parts: EnvironmentParts = {
    paths,
    binDir: toolchain.binDir,
    proxyUrl: fence.url,
    authorityBundle: fence.bundleFile,
    authorityFile: fence.caFile,
    githubCredential: credential,
    ...(options.gateway === true ? { cloudflareCredential: team.secrets.cloudflare_deploy_token } : {}),
    agentSocket: agent.socket,
    passphrase: secrets.stack["pulumi_passphrase"] ?? "",
    control: options.control ?? { url: "", credential: "" },
  };
  const env = childEnvironment(parts, process.env);
  await writeFile(`${paths.home}/.gitconfig`, "[user]\n\tname = Sandbox Operator\n\temail = operator@example.test\n");
  await layOutWorktree(
    options.checkout,
    paths,
    {
      secrets,
      hosts: [...targets.keys()],
      recipients: {
        dev_radieu: developer,
        gha_runner: runner,
        ...Object.fromEntries([...hosts].map(([name, host]) => [name.replaceAll("-", "_"), host.recipient])),
      },
      settings: {
        github: { owner: OWNER, repositories, ...(repositories.includes(HOME) ? { home: HOME } : {}), app: APP },
        hosts: Object.fromEntries([...hosts].map(([name, host]) => [name, hostSettings(host, options.plain)])),
        ...vercelSettings(repositories),
        ...(options.gateway === true ? { cloudflare: team.settings } : {}),
        ...options.settings,
      },
    },
    env,
  );
  await writeFile(paths.envFile, envFileText(parts), { mode: 0o600 });
  return {
    paths,
    github,
    installation,
    cloudflare,
    vercel,
    discord,
    fence,
    hosts,
    secrets,
    env,
    tools: [...toolchain.tools, ...plugins],
    describe: () => [
      github.describe(),
      cloudflare.describe(),
      vercel.describe(),
      discord.describe(),
      fence.describe(),
      ...[...hosts.values()].flatMap((host) => host.describe()),
      ...[...toolchain.tools, ...plugins].map(({ name, version, origin }) => `${name} ${version}: ${origin}`),
    ],
    close: async () => {
      await Promise.all([...hosts.values()].map((host) => host.close()));
      await agent.close();
      await fence.close();
    },
  };
}

async function startHosts(
  targets: ReadonlyMap<string, TeamTarget>,
  start: StartTeamHost,
  paths: SandboxPaths,
  secrets: TeamSecrets,
  tools: readonly ToolRecord[],
  observers: readonly string[],
): Promise<Map<string, TeamHost>> {
  const locate = (name: string) => tools.find((tool) => tool.name === name)?.location ?? name;
  const common = {
    user: "claude-admin",
    bin: { age: locate("age"), ageKeygen: locate("age-keygen") },
    observers,
    signerPublicPem: signerPublicPart(new Secret(secrets.stack["payload_signing_key"] ?? "")),
    syncPublicKey: publicPart(secrets.stack["sync_ssh_key"] ?? ""),
  };
  const started = await Promise.all(
    [...targets].map(
      async ([name, target]) =>
        [name, await start(name, target, { ...common, dir: `${paths.hosts}/${name}` })] as const,
    ),
  );
  return new Map(started);
}

function publicPart(privatePart: string): string {
  const parsed = ssh2.utils.parseKey(privatePart);
  if (parsed instanceof Error) {
    throw parsed;
  }
  return `${parsed.type} ${parsed.getPublicSSH().toString("base64")}`;
}

const PLAIN = { TZ: "Europe/Warsaw", SMTP_PORT: "587" };

function hostSettings(host: TeamHost, plain: Readonly<Record<string, string>> = PLAIN) {
  return {
    address: "127.0.0.1",
    port: host.port,
    user: host.user,
    hostKey: host.hostKeyPublic,
    target: host.target,
    plain,
  };
}
