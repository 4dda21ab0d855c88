import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChildProcess } from "node:child_process";

import { environmentIn } from "../sandbox/docker/environ.js";
import type { ServiceView } from "../sandbox/docker/index.js";
import type { Machine } from "./machine.js";

const DAEMON_PATIENCE_MS = 20_000;

/** Docker's Engine on one machine, started by hand as docs/lab.md says. */
export class DockerEngine {
  #daemon: ChildProcess | undefined;
  readonly #group: string;

  constructor(
    private readonly machine: Machine,
    name: string,
  ) {
    this.#group = `p24-lab-${name}-${String(process.pid)}`;
  }

  /** Starts the daemon and waits until it answers. */
  async up(): Promise<void> {
    const options = [
      "--live-restore", // containers go on running while the daemon is down
      "--iptables=false",
      "--bridge=none",
      "--storage-driver=vfs",
      `--cgroup-parent=/${this.#group}`,
    ];
    const log = 'exec dockerd "$@" >>/var/log/dockerd.log 2>&1';
    this.#daemon = this.machine.spawn(["sh", "-c", log, "dockerd", ...options], { stdio: "ignore" });
    const until = Date.now() + DAEMON_PATIENCE_MS;
    while ((await this.machine.run(["docker", "version"])).code !== 0) {
      if (Date.now() > until || this.#daemon.exitCode !== null) {
        throw new Error(
          `dockerd does not answer:\n${(await this.machine.run(["tail", "/var/log/dockerd.log"])).stdout}`,
        );
      }
      await sleep(50);
    }
  }

  /** Stops the daemon. */
  async down(): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = undefined;
    if (daemon !== undefined && (daemon.exitCode ?? daemon.signalCode) === null) {
      const ended = once(daemon, "close");
      await this.machine.must(["sh", "-c", "kill $(cat /var/run/docker.pid)"]);
      await ended;
    }
  }

  /** Makes an image under each name, from one archive of a file system. */
  async import(archive: Buffer, names: Iterable<string>): Promise<void> {
    const [first = "", ...others] = new Set(names);
    await this.machine.must(["docker", "import", "--change", `CMD ${JSON.stringify(SLEEPS)}`, "-", first], archive);
    await Promise.all(others.map((name) => this.machine.must(["docker", "tag", first, name])));
  }

  /** The containers of a project as they are now, with the environment that their process really has. */
  async services(project: string): Promise<ServiceView[]> {
    const filter = `label=com.docker.compose.project=${project}`;
    const ids = (await this.machine.must(["docker", "ps", "-aq", "--filter", filter])).split("\n").filter(Boolean);
    if (ids.length === 0) {
      return [];
    }
    const all = JSON.parse(await this.machine.must(["docker", "inspect", ...ids])) as Inspected[];
    return all.map((one) => ({
      project,
      name: one.Config.Labels["com.docker.compose.service"] ?? "",
      id: one.Id,
      pid: one.State.Pid === 0 ? undefined : one.State.Pid,
      startedAt: new Date(one.State.StartedAt),
      state: one.State.Status,
      health: one.State.Health?.Status ?? "none",
      env: one.State.Pid === 0 ? {} : environmentIn(`${this.machine.root}/proc/${String(one.State.Pid)}/environ`),
    }));
  }

  /** After the machine has ended: the groups of its containers outlive them. */
  async forget(): Promise<void> {
    for (const controller of readdirSync("/sys/fs/cgroup")) {
      spawnSync("find", [`/sys/fs/cgroup/${controller}/${this.#group}`, "-depth", "-type", "d", "-delete"]);
    }
    spawnSync("find", [`/sys/fs/cgroup/${this.#group}`, "-depth", "-type", "d", "-delete"]);
    await Promise.resolve();
  }
}

/** Says what it runs with, and ends at once when it is told to. */
const SLEEPS = ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1000 & wait $!; done"];

interface Inspected {
  readonly Id: string;
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly State: {
    readonly Status: ServiceView["state"];
    readonly Pid: number;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: ServiceView["health"] };
  };
}

/** A file system with a shell and the common tools and nothing else, as `docker import` takes it: Debian's static busybox. */
export async function makeImage(packages: string): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "p24-image-"));
  try {
    const [file = ""] = readdirSync(packages).filter((name) => name.startsWith("busybox-static_"));
    must("dpkg-deb", ["--extract", join(packages, file), join(folder, "package")]);
    const bin = join(folder, "image/bin");
    mkdirSync(bin, { recursive: true });
    must("cp", [join(folder, "package/bin/busybox"), bin]);
    for (const tool of ["sh", "sleep", "test", "cat", "grep", "env", "nc", "httpd", "mkdir"]) {
      symlinkSync("busybox", join(bin, tool));
    }
    return must("tar", ["--create", "--directory", join(folder, "image"), "."]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function must(command: string, args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(command, args, { maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(" ")} failed: ${stderr.toString("utf8")}`);
  }
  return stdout;
}
