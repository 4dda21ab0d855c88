import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** How a command on a machine ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface MachineOptions {
  /** Host name. */
  readonly name: string;
  /** Docker's Compose plugin, which no package of the distribution brings. */
  readonly compose: string;
  /** Folder with Debian packages that the machine's apt-get finds without a network. */
  readonly packages: string;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * A Linux machine on this machine: namespaces for mounts, processes and host name, and a root file system that is this
 * one's below a layer in memory. The network is shared. Everything in it ends with it, and it ends with this process.
 * Needs root.
 */
export class Machine {
  private constructor(
    /** What is `/` in there, as this process can reach it. */
    readonly root: string,
    private readonly pid: number,
    private readonly first: ChildProcess,
    private readonly folder: string,
  ) {}

  static async boot({ name, compose, packages }: MachineOptions): Promise<Machine> {
    const folder = await mkdtemp(join(tmpdir(), "p24-machine-"));
    const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--uts", "--propagation", "private"];
    const init = ["bash", join(__dirname, "machine.sh"), folder, name, compose, packages];
    const first = spawn("unshare", [...namespaces, ...init], { stdio: ["pipe", "pipe", "pipe"], env: { PATH } });
    let said = "";
    first.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
    for await (const line of createInterface(first.stdout)) {
      if (line === "ready") {
        const pid = await onlyChild(first.pid ?? 0);
        return new Machine(`/proc/${String(pid)}/root`, pid, first, folder);
      }
    }
    await rm(folder, { recursive: true, force: true });
    throw new Error(`machine ${name} did not start:\n${said}`);
  }

  /** Starts a program in there, as root with a bare environment. */
  spawn(command: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const enter = ["--target", String(this.pid), "--mount", "--pid", "--uts", "--root", "--wdns=/"];
    const bare = ["env", "-i", `PATH=${PATH}`, "HOME=/root", "LC_ALL=C.UTF-8"];
    return spawn("nsenter", [...enter, ...bare, ...command], { ...options, env: { PATH } });
  }

  /** Runs a program in there to its end. */
  async run(command: readonly string[], input: string | Buffer = ""): Promise<Ended> {
    const child = this.spawn(command, { stdio: ["pipe", "pipe", "pipe"] });
    const [out, err]: Buffer[][] = [[], []];
    child.stdout?.on("data", (chunk: Buffer) => out?.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => err?.push(chunk));
    child.stdin?.on("error", () => undefined).end(input);
    const [code] = (await once(child, "close")) as [number | null];
    const text = (chunks: Buffer[] = []) => Buffer.concat(chunks).toString("utf8");
    return { code, stdout: text(out), stderr: text(err) };
  }

  /** Runs a program that must succeed; gives what it printed. */
  async must(command: readonly string[], input: string | Buffer = ""): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, input);
    if (code !== 0) {
      throw new Error(`${command.join(" ")} ended with ${String(code)}: ${stdout}${stderr}`);
    }
    return stdout;
  }

  async close(): Promise<void> {
    if (this.first.exitCode === null && this.first.signalCode === null) {
      const ended = once(this.first, "close");
      process.kill(this.pid, "SIGKILL");
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function onlyChild(pid: number): Promise<number> {
  const children = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8");
  return Number(children.trim());
}
