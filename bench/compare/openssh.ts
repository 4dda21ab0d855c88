import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, openSync, closeSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { endWithSessions, freePort } from "../../lab/host.js";
import type { ServerOptions, SshServer } from "../../sandbox/hosts/server.js";
import { SYSTEM_PATH } from "../../sandbox/hosts/standins.js";

const SSHD = "/usr/sbin/sshd";
/** Where sshd, when root starts it, wants an empty folder; a package makes it at boot. */
const PRIVILEGE_SEPARATION = "/run/sshd";
const PATIENCE_MS = 10_000;
const TRIES = 3;

/** How sshd says that it turned somebody away because too many were at the door at once (sshd.c, drop_connection). */
const REFUSAL = /beginning MaxStartups throttling|drop connection #/;

/**
 * OpenSSH's sshd of one host, on a port of loopback. Two identities get in: the sync's, to which the host program is all that
 * there is, and an administrator's, who has a shell, for the ways that need one. What is left out of the configuration is as
 * OpenSSH has it, MaxStartups among it.
 */
export class OpenSshServer implements SshServer {
  fault = {};
  #port: number;
  #sshd: ChildProcess | undefined;
  readonly #folder: string;

  constructor(
    private readonly options: ServerOptions,
    private readonly adminPublicKey: string,
  ) {
    this.#port = options.port;
    this.#folder = dirname(options.authorizedKeys);
  }

  get port(): number {
    return this.#port;
  }

  async up(identity = this.options.identity): Promise<void> {
    await this.down();
    const [program, ...args] = this.options.command;
    const keys = readFileSync(this.options.authorizedKeys, "utf8").replace(
      /command="[^"]*"/g,
      () => `command="${[program, ...args].join(" ")}"`,
    );
    writeFileSync(this.#file("keys"), `${keys}${this.adminPublicKey}\n`, { mode: 0o600 });
    writeFileSync(this.#file("identity"), identity, { mode: 0o600 });
    for (let left = this.#port === 0 ? TRIES : 1; left > 0; left -= 1) {
      const port = this.#port === 0 ? await freePort() : this.#port;
      writeFileSync(this.#file("config"), this.#config(port));
      if (await this.#start()) {
        this.#port = port;
        return;
      }
    }
    throw new Error(`sshd did not start:\n${readFileSync(this.#file("log"), "utf8")}`);
  }

  async down(): Promise<void> {
    const sshd = this.#sshd;
    this.#sshd = undefined;
    await endWithSessions(sshd);
  }

  async close(): Promise<void> {
    await this.down();
  }

  describe(): string {
    return "ssh: OpenSSH's sshd; it rewrites the forced command's path to the host's folder";
  }

  /** What sshd said of connections that it dropped; empty as it should be. */
  refusals(): string[] {
    return readFileSync(this.#file("log"), "utf8")
      .split("\n")
      .filter((line) => REFUSAL.test(line));
  }

  #file(name: "keys" | "identity" | "config" | "log"): string {
    return join(this.#folder, `sshd_${name}`);
  }

  /**
   * StrictModes: the folders above are the machine's temporary ones, which others may write to. HOME: a shell that sshd starts
   * reads .bashrc, and that of whoever runs the benchmark (a tenth of a second of version managers) is none of a VPS.
   */
  #config(port: number): string {
    const bin = join(dirname(this.options.command[0]), "../bin");
    return [
      `Port ${String(port)}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${this.#file("identity")}`,
      `AuthorizedKeysFile ${this.#file("keys")}`,
      "StrictModes no",
      "PidFile none",
      // As Debian has it; Ansible copies its files through it.
      "Subsystem sftp /usr/lib/openssh/sftp-server",
      `SetEnv HOME=${dirname(this.#folder)} PATH=${bin}:${SYSTEM_PATH}`,
      "",
    ].join("\n");
  }

  async #start(): Promise<boolean> {
    writeFileSync(this.#file("log"), "");
    const log = openSync(this.#file("log"), "a");
    const command = [SSHD, "-D", "-e", "-f", this.#file("config")];
    const whole = existsSync(PRIVILEGE_SEPARATION) || process.getuid?.() !== 0 ? command : own(command);
    // It ends with this process, also when that is killed.
    const sshd = spawn("setpriv", ["--pdeathsig", "KILL", ...whole], { stdio: ["ignore", log, log] });
    closeSync(log);
    const until = Date.now() + PATIENCE_MS;
    while (sshd.exitCode === null && Date.now() < until) {
      if (readFileSync(this.#file("log"), "utf8").includes("Server listening")) {
        this.#sshd = sshd;
        return true;
      }
      await sleep(20);
    }
    sshd.kill("SIGKILL");
    return false;
  }
}

/** Starts a command where /run is a folder of its own, so that nothing of this machine's is written to. */
function own(command: readonly string[]): string[] {
  const inside = `mount -t tmpfs none /run && mkdir -m 0755 ${PRIVILEGE_SEPARATION} && exec "$@"`;
  return ["unshare", "--mount", "--propagation", "private", "sh", "-c", inside, "sshd", ...command];
}
