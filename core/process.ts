import { spawn } from "node:child_process";

/** How a child ended. `code` is `undefined` when the program was not found. */
export interface Ended {
  readonly code: number | undefined;
  readonly stdout: string;
}

/**
 * Runs a program without a shell, gives it `input`, and waits. Never rejects for how the child ended. Its stderr is dropped,
 * because it may repeat input, unless somebody listens.
 */
export function run(
  command: string,
  args: readonly string[],
  options: {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    input?: string;
    shell?: boolean;
    listen?: (stderr: string) => void;
  } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      shell: options.shell ?? false,
      stdio: ["pipe", "pipe", options.listen === undefined ? "ignore" : "pipe"],
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => options.listen?.(chunk.toString("utf8")));
    child.on("error", () => {
      resolve({ code: undefined, stdout: "" });
    });
    child.on("close", (code) => {
      resolve({ code: code ?? 1, stdout: Buffer.concat(chunks).toString("utf8") });
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
  });
}
