import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Interrupter, TOOLS } from "../../support/interrupter.js";
import { sealDraft } from "./seal.js";
import { on, type Ran, startTestHost, type TestHost } from "./support.js";

/** A host of its own whose program can be interrupted, with a folder for its metrics. */
export async function startInterruptible(): Promise<{ host: TestHost; interrupter: Interrupter<Ran> }> {
  const host = await startTestHost();
  mkdirSync(on(host, "var/lib/prometheus/node-exporter"), { recursive: true });
  return { host, interrupter: interrupt(host) };
}

/** Puts a Docker that takes no time behind the interrupter. `bad` in the .env makes its `up` fail. */
export function interrupt(host: TestHost): Interrupter<Ran> {
  const write = (name: string, text: string): string => {
    const path = join(host.base, name);
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    return path;
  };
  const original = (tool: string): string => {
    const own = on(host, `usr/local/bin/${tool}`);
    if (tool === "docker") {
      return write("fake-docker", FAKE_DOCKER);
    }
    return existsSync(own)
      ? write(`link-${tool}`, `#!/bin/sh\nexec "${realpathSync(own)}" "$@"\n`)
      : onThisMachine(tool);
  };
  const originals = new Map(TOOLS.map((tool) => [tool, original(tool)]));
  TOOLS.forEach((tool) => {
    rmSync(on(host, `usr/local/bin/${tool}`), { force: true });
  });
  return new Interrupter({
    bin: on(host, "usr/local/bin"),
    notes: host.base,
    reach: (path) => path,
    originals,
    apply: (env) => applyInterrupted(host, env),
  });
}

function onThisMachine(tool: string): string {
  const found = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
    .map((folder) => join(folder, tool))
    .find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(`this machine has no ${tool}`);
  }
  return found;
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
