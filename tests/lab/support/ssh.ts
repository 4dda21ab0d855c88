/** OpenSSH's clients, as somebody with a stolen private part would use them against a machine of the lab. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { LabHost } from "../../../lab/host.js";
import type { Ended } from "../../../lab/machine.js";

/** One login on a host, with a private part and nothing else of the caller's. */
export class Login {
  readonly #options: readonly string[];
  readonly #port: string;
  readonly #at: string;

  constructor(
    private readonly folder: string,
    host: LabHost,
    user: string,
    privatePart: string,
  ) {
    const [identity, known] = [join(folder, `identity-${user}`), join(folder, "known-hosts")];
    writeFileSync(identity, privatePart, { mode: 0o600 });
    writeFileSync(known, `[127.0.0.1]:${host.port} ${host.hostKeyPublic}\n`);
    const options = ["BatchMode=yes", "IdentitiesOnly=yes", `UserKnownHostsFile=${known}`, "StrictHostKeyChecking=yes"];
    this.#options = ["-F", "none", "-i", identity, ...options.flatMap((option) => ["-o", option])];
    this.#port = String(host.port);
    this.#at = `${user}@127.0.0.1`;
  }

  /** Starts `ssh`; the last arguments are the command. */
  start(options: readonly string[], command: readonly string[] = [], env: NodeJS.ProcessEnv = {}): ChildProcess {
    return this.#spawn("ssh", [...this.#options, "-p", this.#port, ...options, this.#at, ...command], env);
  }

  async ssh(options: readonly string[], command = "", input = "", env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return await fed(this.start(options, command === "" ? [] : [command], env), input);
  }

  /** Runs `scp`; a path behind `:` is on the host. */
  async scp(...words: readonly string[]): Promise<Ended> {
    const named = words.map((word) => (word.startsWith(":") ? `${this.#at}${word}` : word));
    return await fed(this.#spawn("scp", [...this.#options, "-P", this.#port, ...named]), "");
  }

  async sftp(batch: string): Promise<Ended> {
    return await fed(this.#spawn("sftp", [...this.#options, "-P", this.#port, "-b", "-", this.#at]), batch);
  }

  #spawn(client: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const own = { PATH: process.env["PATH"], HOME: this.folder, ...env };
    return spawn(client, args, { cwd: this.folder, env: own, stdio: ["pipe", "pipe", "pipe"] });
  }
}

/** What a child printed, and its code, when it has ended. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const said = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (said.stdout += chunk.toString("utf8")));
  child.stderr?.on("data", (chunk: Buffer) => (said.stderr += chunk.toString("utf8")));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...said };
}

async function fed(child: ChildProcess, input: string): Promise<Ended> {
  child.stdin?.on("error", () => undefined).end(input);
  return await ended(child);
}
