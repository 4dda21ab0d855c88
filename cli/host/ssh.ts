import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Fault } from "../../core/fault.js";
import { type HostSettings, PENDING } from "../../core/model/settings.js";
import { run } from "../../core/process.js";

/** How an admin gets into a host. */
export interface Login {
  readonly name: string;
  readonly host: Pick<HostSettings, "address" | "port" | "hostKey">;
  /** root, or somebody who may sudo without a password. */
  readonly admin: string;
  /** File with the admin's SSH identity, when ssh does not find it by itself. */
  readonly identity?: string;
}

/**
 * The arguments of the system's `ssh`, so that the operator's configuration, agent and jump hosts count. `knownHosts` is a
 * file with the pinned identity; without one the operator's own file and ssh's own question decide.
 */
export function sshArguments({ name, host, admin, identity }: Login, knownHosts?: string): string[] {
  return [
    ...["-T", "-a", "-x", "-p", String(host.port)],
    ...(identity === undefined ? [] : ["-i", identity, "-o", "IdentitiesOnly=yes"]),
    ...(knownHosts === undefined ? [] : pinned(name, knownHosts)),
    ...[`${admin}@${host.address}`, admin === "root" ? "sh -s" : "env LC_ALL=C sudo -n sh -s"],
  ];
}

/** Nothing but the file decides: no other list, no DNS, and no connection that stands already. */
function pinned(name: string, knownHosts: string): string[] {
  const file = `"${knownHosts.replaceAll("\\", "/").replaceAll("%", "%%")}"`;
  const options = {
    HostKeyAlias: name,
    StrictHostKeyChecking: "yes",
    UserKnownHostsFile: file,
    GlobalKnownHostsFile: file,
    CheckHostIP: "no",
    VerifyHostKeyDNS: "no",
    ControlPath: "none",
  };
  return Object.entries(options).flatMap(([option, value]) => ["-o", `${option}=${value}`]);
}

/** A line of known_hosts for a pinned identity. It is named after the host, not its address: `HostKeyAlias`. */
export function knownHostsLine(name: string, hostKey: string): string {
  // The settings may name RSA by its signature's algorithm; the identity's own type has one name.
  return `${name} ${hostKey.replace(/^rsa-sha2-512 /, "ssh-rsa ")}\n`;
}

/** What a script printed, or why it could not be started. */
export type Called = { readonly stdout: string } | { readonly fault: Fault };

/** Runs a script as root on the host. ssh's and the tools' words go to the terminal. */
export async function runAsAdmin(login: Login, script: string, env: NodeJS.ProcessEnv): Promise<Called> {
  const { name, host } = login;
  if (host.hostKey === PENDING) {
    return start(login, sshArguments(login), script, env);
  }
  const folder = await mkdtemp(join(tmpdir(), "p24-ssh-"));
  try {
    const file = join(folder, "known_hosts");
    await writeFile(file, knownHostsLine(name, host.hostKey));
    return await start(login, sshArguments(login, file), script, env);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function start(login: Login, args: readonly string[], script: string, env: NodeJS.ProcessEnv): Promise<Called> {
  let errors = "";
  const listen = (text: string) => {
    process.stderr.write(text);
    errors += text;
  };
  const { code, stdout } = await run("ssh", args, { env, input: script, listen });
  const fault = startFault(login, code, errors);
  return fault === undefined ? { stdout } : { fault: { where: `host ${login.name}`, ...fault } };
}

/** ssh ends with 255 when there was no session; sudo's words are those of its `sudoers` plugin in the C locale. */
function startFault(
  { name, host, admin }: Login,
  code: number | undefined,
  errors: string,
): Pick<Fault, "what" | "repair"> | undefined {
  if (code === undefined) {
    return {
      what: "cannot be reached: there is no ssh on PATH",
      repair: "install OpenSSH's client (Windows: Settings, System, Optional features)",
    };
  }
  if (code === 255 && errors.includes("Host key verification failed.")) {
    return host.hostKey === PENDING
      ? {
          what: "is not known to ssh, and the settings do not pin it yet",
          repair: `ssh -p ${String(host.port)} ${admin}@${host.address} and answer its question, after comparing with the provider's console`,
        }
      : {
          what: "shows another identity than the settings pin (hostKey)",
          repair: `compare with the provider's console; only when the host was really set up anew: pulumi config set --path p24-infra:hosts.${name}.hostKey PENDING`,
        };
  }
  if (code === 255) {
    return {
      what: `did not let ${admin} in at ${host.address} port ${String(host.port)}; ssh says above why`,
      repair: "--admin USER and --identity FILE name another login; ssh -v shows more",
    };
  }
  if (/^sudo: .*\b(?:password|terminal)\b/m.test(errors)) {
    return {
      what: `asks ${admin} for a password before sudo`,
      repair: `--admin root, or a rule NOPASSWD for ${admin} while this runs`,
    };
  }
  return undefined;
}
