import type { HostSettings } from "../model/settings.js";

/** How one command on a host ended, or why it could not be run. */
export type Ran =
  | { readonly kind: "ran"; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "wrong identity" | "no agent" | "login refused" | "no connection" | "cut off" | "no answer" };

/**
 * How long a host may take. The kernel accepts a connection at once, so one that is not there soon will not come; the login
 * and the command are work for the host, which may be busy.
 */
export const LIMITS = { connectMs: 10_000, wholeMs: 60_000 };
const LONGEST_ANSWER = 8 * 1024 * 1024;

/**
 * Runs one command over SSH with the agent of SSH_AUTH_SOCK. The host must show the identity of the settings, before
 * anything is sent to it. Never rejects.
 */
export async function runOverSsh(
  host: HostSettings,
  command: string,
  env: NodeJS.ProcessEnv,
  { connectMs, wholeMs } = LIMITS,
): Promise<Ran> {
  const agent = env["SSH_AUTH_SOCK"];
  if (agent === undefined || agent === "") {
    return { kind: "no agent" };
  }
  const { default: ssh2 } = await import("ssh2");
  const pinned = host.hostKey.split(" ")[1];
  const client = new ssh2.Client();
  let wrongIdentity = false;
  let loggedIn = false;
  try {
    return await new Promise<Ran>((resolve) => {
      const end = (ran: Ran) => {
        clearTimeout(connecting);
        clearTimeout(answering);
        resolve(ran);
      };
      const connecting = setTimeout(end, connectMs, { kind: "no connection" });
      const answering = setTimeout(end, wholeMs, { kind: "no answer" });
      client.on("connect", () => {
        clearTimeout(connecting);
      });
      client.on("error", (error: Error & { level?: string }) => {
        end({ kind: wrongIdentity ? "wrong identity" : loggedIn ? "cut off" : whyNoLogin(error) });
      });
      client.on("close", () => {
        end({ kind: "cut off" });
      });
      client.on("ready", () => {
        loggedIn = true;
        execute(client, command, end);
      });
      client.connect({
        host: host.address,
        port: host.port,
        username: host.user,
        agent,
        authHandler: ["agent"], // or it first asks what it may try: one round trip more
        readyTimeout: 0,
        algorithms: { serverHostKey: [hostAlgorithm(host.hostKey)] },
        hostVerifier: (shown: Buffer) => {
          wrongIdentity = shown.toString("base64") !== pinned;
          return !wrongIdentity;
        },
      });
      client.setNoDelay(true); // or each of five round trips waits for a delayed acknowledgement
    });
  } finally {
    client.removeAllListeners("error").on("error", () => undefined);
    client.end();
  }
}

/** `level` is what ssh2 says about the stage that failed. */
function whyNoLogin(error: Error & { level?: string }): Exclude<Ran["kind"], "ran"> {
  switch (error.level) {
    case "agent":
      return "no agent";
    case "client-authentication":
      return "login refused";
    default:
      // A host without any identity of the pinned kind is not the one that was pinned.
      return error.message.includes("no matching host key format") ? "wrong identity" : "no connection";
  }
}

type ServerHostKey = "ssh-ed25519" | "ecdsa-sha2-nistp256" | "rsa-sha2-512";

/** A server with several identities must show the pinned one. */
function hostAlgorithm(hostKey: string): ServerHostKey {
  const algorithm = hostKey.split(" ")[0];
  return algorithm === "ssh-ed25519" || algorithm === "ecdsa-sha2-nistp256" ? algorithm : "rsa-sha2-512";
}

function execute(client: import("ssh2").Client, command: string, end: (ran: Ran) => void): void {
  client.exec(command, (error, stream) => {
    if (error !== undefined) {
      end({ kind: "cut off" });
      return;
    }
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let size = 0;
    let code: number | undefined;
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > LONGEST_ANSWER) {
        end({ kind: "cut off" });
        return;
      }
      out.push(chunk);
    });
    stream.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    stream.on("exit", (exit: number | null) => {
      code = exit ?? undefined;
    });
    stream.on("close", () => {
      end(
        code === undefined
          ? { kind: "cut off" }
          : {
              kind: "ran",
              code,
              stdout: Buffer.concat(out).toString("utf8"),
              stderr: Buffer.concat(err).toString("utf8"),
            },
      );
    });
    stream.end();
  });
}
