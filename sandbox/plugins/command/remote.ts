/** Runs a command on another host over SSH. */
import type { ClientChannel } from "ssh2";
import { Failure } from "../wire/failure.js";
import { dial } from "./dial.js";
import { openSession, type SshSession } from "./session.js";
import { Capture, previousOutput, type Output, type Run } from "./run.js";

const acceptEnvHint = (name: string): string =>
  `Unable to set '${name}'. This only works if your SSH server is configured to accept\n` +
  "\tthese variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could\n" +
  "\tprefix the command itself with the variables in the form 'VAR=value command'";

/** Wanted variables must be accepted by the server; those of the previous output are only tried. */
async function setEnvironment(session: SshSession, run: Run): Promise<void> {
  for (const [name, value] of Object.entries(run.inputs.environment ?? {})) {
    if (await session.setEnv(name, value)) continue;
    await run.log.error(acceptEnvHint(name));
    throw new Failure(`could not set environment variable "${name}": ssh: setenv failed`);
  }
  for (const [name, value] of previousOutput(run)) {
    if (!(await session.setEnv(name, value))) await run.log.warning(acceptEnvHint(name));
  }
}

const signalNumbers: Readonly<Record<string, number>> = {
  ABRT: 6,
  ALRM: 14,
  FPE: 8,
  HUP: 1,
  ILL: 4,
  INT: 2,
  KILL: 9,
  PIPE: 13,
  QUIT: 3,
  SEGV: 11,
  TERM: 15,
};

/** Waits for the end of the command; the answer is the reason of its failure, if it failed. */
function ended(channel: ClientChannel): Promise<string | undefined> {
  return new Promise((resolve) => {
    let reason: string | undefined = "wait: remote command exited without exit status or exit signal";
    channel.on("exit", (code: number | null, signal?: string, _core?: string, text?: string) => {
      if (code !== null) {
        reason = code === 0 ? undefined : `Process exited with status ${String(code)}`;
        return;
      }
      const name = (signal ?? "").replace(/^SIG/, "");
      reason = `Process exited with status ${String(128 + (signalNumbers[name] ?? 0))} from signal ${name}`;
      if (text !== undefined && text !== "") reason += `. Reason was: ${text}`;
    });
    channel.once("close", () => {
      resolve(reason);
    });
  });
}

/** Runs the command on the host of the inputs' connection. Fails when it ends with a non-zero status. */
export async function runRemote(run: Run): Promise<Output> {
  const { connection } = run.inputs;
  if (connection === undefined) throw new Failure("command plugin: the state holds no connection");
  const dialed = await dial(connection, run);
  try {
    const session = await openSession(dialed.client);
    await setEnvironment(session, run);
    const capture = new Capture(run);
    const { channel } = session;
    const end = ended(channel);
    channel.on("data", (chunk: Buffer) => {
      capture.stdout(chunk);
    });
    channel.stderr.on("data", (chunk: Buffer) => {
      capture.stderr(chunk);
    });
    channel.on("error", () => {}); // the host may end the command before it has read its input
    if (!(await session.exec(run.command))) throw capture.failure(`ssh: command ${run.command} failed`);
    const stdin = run.inputs.stdin ?? "";
    let taken = stdin === "";
    channel.once("finish", () => (taken = true));
    channel.end(stdin);
    const failed = await end;
    await capture.finish();
    if (failed !== undefined) throw capture.failure(failed);
    // Even a command that succeeds fails here when it did not take its whole input.
    if (!taken) throw capture.failure("EOF");
    return capture.output();
  } finally {
    dialed.close();
  }
}
