import { spawn } from "node:child_process";

import { FaultsError } from "../core/fault.js";

/**
 * Runs a program in the foreground with this terminal, and gives its exit code. The terminal itself sends an interrupt
 * to both; it is left to the child to end well. `listen` hears what the child writes to stderr, which is passed on as it
 * is. Throws a FaultsError when the program is not found.
 */
export function runInForeground(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  listen?: (text: string) => void,
): Promise<number> {
  const wait = () => undefined;
  process.on("SIGINT", wait);
  return new Promise<number>((resolve, reject) => {
    const stderr = listen === undefined ? "inherit" : "pipe";
    const child = spawn(command, args, { cwd, env, stdio: ["inherit", "inherit", stderr], windowsHide: true });
    child.stderr?.on("data", (chunk: Buffer) => {
      process.stderr.write(chunk);
      listen?.(chunk.toString("utf8"));
    });
    const forward = () => child.kill("SIGTERM");
    process.once("SIGTERM", forward);
    child.once("error", () => {
      // A caller's own command is not repeated: it may be a value that was typed at the wrong place.
      const where = command === "pulumi" ? command : "the command";
      const repair = `install ${where}, or run node toolchain/setup.mjs`;
      reject(new FaultsError([{ where, what: "was not found on PATH", repair }]));
    });
    child.once("close", (code) => {
      process.off("SIGTERM", forward);
      resolve(code ?? 1);
    });
  }).finally(() => process.off("SIGINT", wait));
}
