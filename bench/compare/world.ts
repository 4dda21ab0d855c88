import { randomBytes } from "node:crypto";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";

import { readDotenv } from "../../sandbox/docker/dotenv.js";
import { makeSshIdentity } from "../../sandbox/hosts/identity.js";
import { rotate } from "../../sandbox/world/engine.js";
import { OWNER } from "../../sandbox/world/github.js";
import { startTeamHost, type StartTeamHost } from "../../sandbox/world/hosts.js";
import { makeStackSecrets, type TeamSecrets } from "../../sandbox/world/team.js";
import { startWorld, type World } from "../../sandbox/world/world.js";
import { DistantServer } from "./distance.js";
import { hostNames, ROTATED, type Size, sourcesOf, wantedAt } from "./fleet.js";
import { OpenSshServer } from "./openssh.js";

const CHECKOUT = resolve(__dirname, "../..");
const TARGET = "app";
const REPOSITORY = "p24-infra";

/** A fleet of one size: hosts with OpenSSH's sshd, sources in git, and an administrator's login for the ways that need a shell. */
export interface Fleet {
  readonly size: Size;
  /** What is measured. */
  readonly checkout: string;
  readonly world: World;
  /** Folder for the files of the ways, outside of the operator's clone. */
  readonly folder: string;
  /** For `ssh -F`: every host by its name, as the administrator. */
  readonly sshConfig: string;
  /** A line a host: its name, and the folder of its Compose project. */
  readonly hostList: string;
  /** Changes the rotated value in git. Every `.env` shall hold it afterwards. */
  rotate(): Promise<void>;
  /** Changes one value on one host behind git's back. */
  drift(): void;
  /** No stack, nothing at GitHub, no `.env`, no service: as before the first `up`. */
  reset(): Promise<void>;
  /** Throws unless every host's `.env` and its service hold what git wants. */
  verify(): Promise<void>;
  /** What any host's sshd said of connections that it dropped. */
  refusals(): string[];
  close(): Promise<void>;
}

export async function startFleet(size: Size): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), "p24-compare-"));
  const names = hostNames(size.hosts);
  const sources = sourcesOf(size, newValue);
  const admin = makeSshIdentity("admin");
  const servers: OpenSshServer[] = [];
  const startHost: StartTeamHost = (name, target, options) =>
    startTeamHost(name, target, {
      ...options,
      user: userInfo().username,
      dockerClient: "perl",
      startServer: (wanted) => {
        const server = new OpenSshServer(wanted, admin.public);
        servers.push(server);
        return size.rttMs === 0 ? server : new DistantServer(server, size.rttMs);
      },
    });
  const world = await startWorld({
    dir: join(folder, "world"),
    checkout: CHECKOUT,
    hosts: new Map(names.map((name) => [name, { name: TARGET, composeFile: join(__dirname, "compose.yaml") }])),
    // The team's hosts have no part in this world.
    secrets: { ...sources, stack: makeStackSecrets() } as unknown as TeamSecrets,
    plain: {},
    repositories: [REPOSITORY],
    startHost,
  });
  const pristine = join(folder, "pristine-backend");
  cpSync(world.paths.backend, pristine, { recursive: true });
  const directory = (name: string) => join(world.hosts.get(name)?.root ?? "", "opt/p24-infra", TARGET);

  const sshConfig = join(folder, "ssh_config");
  const identity = join(folder, "admin");
  writeFileSync(identity, admin.private, { mode: 0o600 });
  writeFileSync(join(folder, "known_hosts"), knownHosts(world));
  writeFileSync(sshConfig, sshConfigText(world, identity, join(folder, "known_hosts")));
  const hostList = join(folder, "hosts");
  writeFileSync(hostList, names.map((name) => `${name} ${directory(name)}\n`).join(""));

  return {
    size,
    checkout: CHECKOUT,
    world,
    folder,
    sshConfig,
    hostList,
    rotate: async () => {
      const value = newValue();
      await rotate(world, "shared", ROTATED, value);
      (sources["shared"] ?? {})[ROTATED] = value;
    },
    drift: () => {
      const host = world.hosts.get(names[0] ?? "");
      host?.writeEnv(host.readEnv()?.replace(new RegExp(`^${ROTATED}=.*$`, "m"), () => `${ROTATED}=${newValue()}`));
    },
    reset: async () => {
      rmSync(world.paths.backend, { recursive: true });
      cpSync(pristine, world.paths.backend, { recursive: true });
      for (const { name } of world.github.secretsOf(OWNER, REPOSITORY)) {
        world.github.deleteSecret(OWNER, REPOSITORY, name);
      }
      for (const host of world.hosts.values()) {
        await host.removeServices();
        host.writeEnv(undefined);
        rmSync(join(directory(host.name), ".env.previous"), { force: true });
        rmSync(join(host.root, "var/lib/p24-host", TARGET), { recursive: true, force: true });
      }
    },
    verify: () => verify(world, sources),
    refusals: () => servers.flatMap((server) => server.refusals()),
    close: async () => {
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Plain words: what differs between the ways shall not be how they quote. */
function newValue(): string {
  return `value-${randomBytes(16).toString("hex")}`;
}

async function verify(world: World, sources: ReturnType<typeof sourcesOf>): Promise<void> {
  for (const host of world.hosts.values()) {
    const wanted = wantedAt(host.name, sources);
    const { values } = readDotenv(host.readEnv() ?? "");
    const [service] = await host.services();
    for (const [name, value] of wanted) {
      if (values.get(name) !== value || service?.env[name] !== value) {
        throw new Error(`${host.name} does not have git's ${name}`);
      }
    }
    if (values.size !== wanted.size) {
      throw new Error(`${host.name} has ${String(values.size)} variables instead of ${String(wanted.size)}`);
    }
  }
}

function knownHosts({ hosts }: World): string {
  return [...hosts.values()]
    .map(({ port, hostKeyPublic }) => `[127.0.0.1]:${String(port)} ${hostKeyPublic}\n`)
    .join("");
}

function sshConfigText({ hosts }: World, identity: string, known: string): string {
  const each = [...hosts.values()].map(
    ({ name, port, user }) => `Host ${name}\n  HostName 127.0.0.1\n  Port ${String(port)}\n  User ${user}\n`,
  );
  const all = [
    "Host *",
    `IdentityFile ${identity}`,
    "IdentitiesOnly yes",
    "IdentityAgent none",
    `UserKnownHostsFile ${known}`,
    "StrictHostKeyChecking yes",
    "BatchMode yes",
    "",
  ];
  return `${each.join("")}${all.join("\n")}`;
}
