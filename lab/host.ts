import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { parse, stringify } from "yaml";

import { type Answer, readAnswer } from "../cli/host/answer.js";
import { type Mode, writeScript } from "../cli/host/script.js";
import { installationOf } from "../core/model/settings.js";
import type { ServiceView } from "../sandbox/docker/index.js";
import { SYNC_USER } from "../sandbox/hosts/options.js";
import type { HostCommon, StartTeamHost, TeamHost, TeamTarget } from "../sandbox/world/hosts.js";
import { ensureToolchain } from "../toolchain/setup.mjs";
import { DockerEngine, makeImage } from "./docker.js";
import { Machine } from "./machine.js";
import { packageFolder } from "./packages.js";

/** One VPS of the lab: a machine with OpenSSH's sshd, Docker and Compose, set up by host/install. */
export class LabHost implements TeamHost {
  readonly user: string = SYNC_USER;
  readonly root: string;
  recipient = "";
  hostKeyPublic = "";
  #sshd: ChildProcess | undefined;

  constructor(
    readonly name: string,
    readonly machine: Machine,
    readonly docker: DockerEngine,
    private readonly compose: TeamTarget,
    readonly port: number,
  ) {
    this.root = machine.root;
  }

  get target(): string {
    return this.compose.name;
  }

  /** The target's directory as the machine sees it. */
  get directory(): string {
    return `/opt/p24-infra/${this.target}`;
  }

  /** A path of the machine as this process can reach it. */
  path(inside: string): string {
    return join(this.root, inside);
  }

  readEnv(): string | undefined {
    const file = this.path(`${this.directory}/.env`);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  writeEnv(text: string | undefined): void {
    const file = this.path(`${this.directory}/.env`);
    if (text === undefined) {
      rmSync(file, { force: true });
    } else {
      writeFileSync(file, text, { mode: 0o600 });
    }
  }

  services(): Promise<ServiceView[]> {
    return this.docker.services(this.target);
  }

  async removeServices(): Promise<void> {
    await this.machine.must(["docker", "compose", "--project-directory", this.directory, "-p", this.target, "down"]);
  }

  async setDaemon(up: boolean): Promise<void> {
    await (up ? this.docker.up() : this.docker.down());
  }

  /** Starts sshd, with the identity of /etc/ssh or another one. */
  async up(identity = "/etc/ssh/ssh_host_ed25519_key"): Promise<void> {
    await this.down();
    const options = [`Port=${String(this.port)}`, "ListenAddress=127.0.0.1", `HostKey=${identity}`, "PidFile=none"];
    const command = ["/usr/sbin/sshd", "-D", "-e", ...options.flatMap((option) => ["-o", option])];
    const sshd = this.machine.spawn(command, { stdio: ["ignore", "ignore", "pipe"] });
    await new Promise<void>((resolve, reject) => {
      let said = "";
      sshd.stderr?.on("data", (chunk: Buffer) => {
        said += chunk.toString("utf8");
        if (said.includes("Server listening")) {
          resolve();
        }
      });
      sshd.once("close", () => {
        reject(new Error(`sshd of ${this.name} ended:\n${said}`));
      });
    });
    this.#sshd = sshd;
  }

  /** The network is gone: sshd and its sessions end; commands that run go on. */
  async down(): Promise<void> {
    const sshd = this.#sshd;
    this.#sshd = undefined;
    await endWithSessions(sshd);
  }

  async showOtherIdentity(): Promise<void> {
    await this.machine.must(["sh", "-c", "rm -f /tmp/other; ssh-keygen -q -t ed25519 -N '' -f /tmp/other"]);
    await this.up("/tmp/other");
  }

  describe(): readonly string[] {
    return [`host ${this.name}: a machine of the lab with sshd, Docker and Compose; its images hold busybox only`];
  }

  async close(): Promise<void> {
    await this.machine.close();
    await sleep(50); // the kernel lets the groups go a moment later
    await this.docker.forget();
  }

  /** Lays out the target's folder and brings the host to ready, as an operator would with `p24 host install`. */
  async install(options: HostCommon, image: Buffer): Promise<void> {
    const compose = readFileSync(this.compose.composeFile, "utf8");
    const { services } = parse(compose) as { services: Record<string, { image: string; healthcheck?: object }> };
    await this.machine.must(["mkdir", "-p", this.directory]);
    writeFileSync(this.path(`${this.directory}/compose.yaml`), compose, { mode: 0o644 });
    writeFileSync(this.path(`${this.directory}/compose.override.yaml`), override(services), { mode: 0o644 });
    await this.docker.up();
    await this.docker.import(
      image,
      Object.values(services).map((service) => service.image),
    );
    const { recipient, hostKey } = await this.runInstaller(options);
    this.recipient = recipient ?? "";
    this.hostKeyPublic = hostKey ?? "";
  }

  /** Runs host/install as root on the machine; throws with what it refused. */
  async runInstaller(common: HostCommon, mode: Mode = "apply"): Promise<Answer> {
    const { syncPublicKey, signerPublicPem, observers } = common;
    const [installer = "", program = ""] = ["install", "p24-host"].map((file) =>
      readFileSync(join(__dirname, "../host", file), "utf8"),
    );
    const parts = {
      host: this.name,
      target_line: `${this.target} ${this.directory} root:root 600 ${this.target} 20 -`,
      user: this.user,
      sync_public: syncPublicKey.trim(),
      signer: signerPublicPem,
      observers: observers.map((observer) => `${observer}\n`).join(""),
      metrics: installationOf({ target: this.target }).metrics,
      host_program: program,
    };
    const { stdout, stderr } = await this.machine.run(["sh", "-s"], writeScript(mode, parts, installer));
    const answer = readAnswer(this.name, stdout);
    if (answer.faults.length > 0) {
      throw new Error(`host ${this.name} was not installed:\n${stdout}${stderr}`);
    }
    return answer;
  }
}

/** Boots a machine and installs it. */
export const startLabHost = (async (name, target, options) => {
  const { tools } = await ensureToolchain({ only: ["docker-compose"], with: ["docker-compose"], quiet: true });
  const packages = packageFolder();
  const compose = tools.find((tool) => tool.name === "docker-compose")?.location ?? "";
  const machine = await Machine.boot({ name, compose, packages });
  const host = new LabHost(name, machine, new DockerEngine(machine, name), target, await freePort());
  try {
    await host.install(options, await makeImage(packages));
    await host.up();
  } catch (error) {
    await host.close();
    throw error;
  }
  return host;
}) satisfies StartTeamHost;

/** Without a network of their own, and asked less often: each question starts a process in the container. */
function override(services: Readonly<Record<string, { healthcheck?: object }>>): string {
  const lines = Object.entries(services).map(([service, { healthcheck }]) => [
    service,
    { network_mode: "none", ...(healthcheck === undefined ? {} : { healthcheck: { interval: "1s" } }) },
  ]);
  return stringify({ services: Object.fromEntries(lines) as unknown });
}

/** A port of loopback that nobody listens on, and that no outgoing connection is given while its owner is away. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(randomInt(10_000, 32_000), "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      continue; // taken
    }
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
  }
}

/** Ends sshd and all of its sessions; commands that they run go on. */
export async function endWithSessions(sshd: ChildProcess | undefined): Promise<void> {
  if (sshd?.pid === undefined || (sshd.exitCode ?? sshd.signalCode) !== null) {
    return;
  }
  const ended = once(sshd, "close");
  for (const pid of [sshd.pid, ...sessionsBelow(sshd.pid)]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // ended meanwhile
    }
  }
  await ended;
}

/** The processes named sshd below another one: its sessions, but not what runs in them. */
function sessionsBelow(pid: number): number[] {
  const children = readdirSync(`/proc/${String(pid)}/task`)
    .flatMap((task) => readFileSync(`/proc/${String(pid)}/task/${task}/children`, "utf8").split(" "))
    .filter(Boolean)
    .map(Number);
  return children
    .filter((child) => readFileSync(`/proc/${String(child)}/comm`, "utf8").trim() === "sshd")
    .flatMap((child) => [child, ...sessionsBelow(child)]);
}
