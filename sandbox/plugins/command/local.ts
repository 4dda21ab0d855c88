/** Runs a command on this machine. */
import { spawn, type ChildProcess } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Failure } from "../wire/failure.js";
import { Capture, previousOutput, quoted, type Output, type Run } from "./run.js";

/** Names that Go gives to signals in the text of a failed process. */
const signalNames: Readonly<Record<string, string>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGQUIT: "quit",
  SIGILL: "illegal instruction",
  SIGTRAP: "trace/breakpoint trap",
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGKILL: "killed",
  SIGUSR1: "user defined signal 1",
  SIGSEGV: "segmentation fault",
  SIGUSR2: "user defined signal 2",
  SIGPIPE: "broken pipe",
  SIGALRM: "alarm clock",
  SIGTERM: "terminated",
};

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  ENOTDIR: "not a directory",
};

const reason = (err: unknown): string => {
  const { code } = err as NodeJS.ErrnoException;
  return reasons[code ?? ""] ?? code ?? "unknown error";
};

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Why a program could not even be started, in the words of Go's os/exec; undefined when nothing speaks against it. */
function obstacle(program: string, dir: string | undefined): string | undefined {
  if (!program.includes("/") && process.platform !== "win32") {
    const folders = (process.env["PATH"] ?? "").split(delimiter);
    if (!folders.some((folder) => isProgram(join(folder, program)))) {
      return `exec: ${quoted(program)}: executable file not found in $PATH`;
    }
  }
  if (dir === undefined) return undefined;
  try {
    return statSync(dir).isDirectory() ? undefined : `chdir ${dir}: ${reasons["ENOTDIR"]}`;
  } catch (err) {
    return `chdir ${dir}: ${reason(err)}`;
  }
}

/** Waits for the end of the process and of its output; the answer is the reason of its failure, if it failed. */
function ended(child: ChildProcess, program: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("error", (err) => {
      if (err.name !== "AbortError") resolve(`fork/exec ${program}: ${reason(err)}`); // else it is killed, and closes
    });
    child.once("close", (code, signal) => {
      if (signal !== null) resolve(`signal: ${signalNames[signal] ?? signal}`);
      else resolve(code === 0 ? undefined : `exit status ${String(code)}`);
    });
  });
}

/** Runs the command with the interpreter of the inputs, /bin/sh by default. Fails when it ends with a non-zero status. */
export async function runLocal(run: Run): Promise<Output> {
  const { inputs, command } = run;
  if (inputs.assetPaths !== undefined || inputs.archivePaths !== undefined) {
    throw new Failure("command plugin: the stand-in of this repository knows neither assetPaths nor archivePaths");
  }
  const shell = process.platform === "win32" ? ["cmd", "/C"] : ["/bin/sh", "-c"];
  const [program = "", ...args] = inputs.interpreter?.length ? inputs.interpreter : shell;
  const capture = new Capture(run);
  const blocked = obstacle(program, inputs.dir);
  if (blocked !== undefined) throw capture.failure(blocked);
  const stdin = inputs.stdin ?? "";
  const child = spawn(program, [...args, command], {
    ...(inputs.dir === undefined ? {} : { cwd: inputs.dir }),
    env: { ...process.env, ...inputs.environment, ...Object.fromEntries(previousOutput(run)) },
    signal: run.signal,
    killSignal: "SIGKILL",
  });
  child.stdout.on("data", (chunk: Buffer) => {
    capture.stdout(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    capture.stderr(chunk);
  });
  child.stdin.on("error", () => {}); // a command may end without having read its input
  child.stdin.end(stdin);
  const failed = await ended(child, program);
  await capture.finish();
  if (failed !== undefined) throw capture.failure(failed);
  return capture.output();
}
