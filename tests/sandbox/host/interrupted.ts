import { spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { sealDraft } from "./seal.js";
import { on, type Ran, type TestHost } from "./support.js";

/** Everything that the host program calls on its way. */
const TOOLS =
  "id stat openssl flock mkdir rm head cat base64 awk sync mv ln chown chmod cmp sha256sum timeout age age-keygen docker".split(
    " ",
  );

/**
 * Who dies at a call: the host program alone, so that the tool and the program's subshells still finish; or all of them
 * before the tool begins.
 */
export type Victim = "program" | "everything";

/** Counts the host program's calls of tools and kills it at one of them, from outside: the program has no hooks. */
export class Interrupter {
  readonly #dir: string;

  /** Puts a wrapper in front of every tool, and a Docker that takes no time. `bad` in the .env makes its `up` fail. */
  constructor(private readonly host: TestHost) {
    this.#dir = host.base;
    for (const tool of TOOLS) {
      const path = on(host, `usr/local/bin/${tool}`);
      const real = tool === "docker" ? this.#write("fake-docker", FAKE_DOCKER) : this.#original(tool);
      rmSync(path, { force: true });
      writeFileSync(path, wrapper(this.#dir, real));
      chmodSync(path, 0o755);
    }
  }

  /** Applies with a kill at the given call, counted from 1. Tells how many calls there were. */
  async apply(env: string, at: number, victim: Victim): Promise<{ ran: Ran; calls: number }> {
    writeFileSync(join(this.#dir, "calls"), "");
    writeFileSync(join(this.#dir, "plan"), `${String(at)} ${victim}\n`);
    const ran = await this.run(env);
    const calls = readFileSync(join(this.#dir, "calls"), "utf8").length;
    writeFileSync(join(this.#dir, "plan"), "0 nobody\n");
    return { ran, calls };
  }

  /** Applies undisturbed. Tells the calls in their order: the tool, its second and its third argument. */
  async trace(env: string): Promise<string[]> {
    writeFileSync(join(this.#dir, "trace"), "");
    await this.apply(env, 0, "everything");
    return readFileSync(join(this.#dir, "trace"), "utf8").split("\n");
  }

  async run(env: string): Promise<Ran> {
    return await applyInterrupted(this.host, env);
  }

  #original(tool: string): string {
    const own = on(this.host, `usr/local/bin/${tool}`);
    if (existsSync(own)) {
      return this.#write(`link-${tool}`, `#!/bin/sh\nexec "${realpathSync(own)}" "$@"\n`);
    }
    const found = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
      .map((folder) => join(folder, tool))
      .find((path) => existsSync(path));
    if (found === undefined) {
      throw new Error(`this machine has no ${tool}`);
    }
    return found;
  }

  #write(name: string, text: string): string {
    const path = join(this.#dir, name);
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    return path;
  }
}

/**
 * Applies, with a kill after some time when one is given. Waits until the parts of the program are gone that outlive it: they
 * hold its output. (Docker's client does not; it holds the lock.)
 */
export async function applyInterrupted(host: TestHost, env: string, killAfterMs?: number): Promise<Ran> {
  const input = await sealDraft(host, env);
  const child = spawn(host.program, ["apply", "app"], { env: {}, cwd: "/", stdio: "pipe" });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** Up fails while the .env says `bad`; one container is there, always healthy. */
const FAKE_DOCKER = `#!/bin/sh
case "$*" in
  *" up "*) ! grep -q bad "$3/.env" ;;
  "ps "*) echo 0123456789ab ;;
esac
`;

function wrapper(dir: string, real: string): string {
  return `#!/bin/sh
printf . >> '${dir}/calls'
echo "\${0##*/} \${2##*/} \${3##*/}" >> '${dir}/trace'
read -r at victim < '${dir}/plan'
read -r calls < '${dir}/calls'
if [ "\${#calls}" = "$at" ]; then
  # Up to the program itself, which is a child of the test.
  pid=$PPID chain=
  while read -r _ _ _ parent _ < "/proc/$pid/stat" && [ "$parent" != ${String(process.pid)} ]; do
    chain="$chain $pid"
    pid=$parent
  done
  kill -9 "$pid"
  [ "$victim" = program ] || { kill -9 $chain; exit 1; }
fi
exec '${real}' "$@"
`;
}
