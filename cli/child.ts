import { spawn } from "node:child_process";

import { FaultsError } from "../core/fault.js";

/**
 * Runs a program in the foreground with this terminal, and gives its exit code. The terminal itself sends an interrupt
 * to both; it is left to the child to end well. Throws a FaultsError when the program is not found.
 */
export function runInForeground(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const wait = () => undefined;
  process.on("SIGINT", wait);
  return new Promise<number>((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: "inherit", windowsHide: true });
    const forward = () => child.kill("SIGTERM");
    process.once("SIGTERM", forward);
    child.once("error", () => {
      const repair = `install ${command}, or run node toolchain/setup.mjs`;
      reject(new FaultsError([{ where: command, what: "was not found on PATH", repair }]));
    });
    child.once("exit", (code) => {
      process.off("SIGTERM", forward);
      resolve(code ?? 1);
    });
  }).finally(() => process.off("SIGINT", wait));
}
