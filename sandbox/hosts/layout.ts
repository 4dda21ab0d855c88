import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { userInfo } from "node:os";

import { quoteForShell } from "../../core/shell.js";
import { type HostOptions, SYNC_USER, type TargetOptions } from "./options.js";
import { installPrograms, SYSTEM_PATH } from "./standins.js";

/** Where a target's directory is on a host, as its line in /etc/p24-host/targets says. */
export function targetDirectory(target: Pick<TargetOptions, "name">): string {
  return `/opt/p24-infra/${target.name}`;
}

/** The two realistic projects of the sandbox: a Compose file in a folder named after each. */
export const PROJECTS = join(__dirname, "projects");

/** A host's file tree, as the installer would leave it on a VPS. */
export interface Layout {
  /** What is `/` on a real host. */
  readonly root: string;
  readonly program: string;
  readonly bin: string;
  readonly recipient: string;
  /** A sentence about every stand-in among the host's programs. */
  readonly standIns: readonly string[];
}

/** Lays out a fresh host. `dir` must not hold one already. */
export function layOut(options: HostOptions): Layout {
  const root = join(options.dir, "root");
  if (existsSync(root)) {
    throw new Error(`${root} is there already: every start of the sandbox lays out fresh hosts`);
  }
  folder(root, "usr/local/bin", "usr/local/sbin", "etc/p24-host", "var/lib/p24-host", "opt/p24-infra");
  folder(root, "root/.age", `home/${options.user ?? SYNC_USER}/.ssh`);
  const bin = join(root, "usr/local/bin");
  const standIns = installPrograms(bin, options.bin);
  const program = installProgram(root, `${bin}:${SYSTEM_PATH}`);
  const recipient = makeIdentity(join(root, "root/.age/secrets.key"), options.bin.ageKeygen);
  writeSettings(root, options);
  options.targets.forEach((target) => {
    layOutTarget(root, target);
  });
  return { root, program, bin, recipient, standIns };
}

/** Modes are set, not asked for: the caller's umask may be any. */
function folder(root: string, ...paths: string[]): void {
  mkdirSync(root, { recursive: true });
  chmodSync(root, 0o755);
  for (const path of paths) {
    let at = root;
    for (const part of path.split("/")) {
      at = join(at, part);
      mkdirSync(at, { recursive: true });
      chmodSync(at, part === ".age" || part === ".ssh" ? 0o700 : 0o755);
    }
  }
}

function file(path: string, text: string, mode = 0o644): void {
  writeFileSync(path, text);
  chmodSync(path, mode);
}

const PROGRAM = join(__dirname, "../../host/p24-host");

/** Installs host/p24-host with the two lines rewritten that the host protocol names. */
function installProgram(root: string, path: string): string {
  if (path.split(":").length !== SYSTEM_PATH.split(":").length + 1) {
    throw new Error(`a folder whose name contains ":" cannot hold the sandbox's hosts: ${root}`);
  }
  const text = readFileSync(PROGRAM, "utf8")
    .replace(/^root=''$/m, () => `root=${quoteForShell(root)}`)
    .replace(/^path='[^']*'$/m, () => `path=${quoteForShell(path)}`);
  const program = join(root, "usr/local/sbin/p24-host");
  file(program, text, 0o755);
  return program;
}

function makeIdentity(path: string, ageKeygen: string): string {
  execFileSync(ageKeygen, ["-o", path], { stdio: "ignore" });
  chmodSync(path, 0o600);
  return execFileSync(ageKeygen, ["-y", path], { encoding: "utf8" }).trim();
}

function writeSettings(root: string, options: HostOptions): void {
  const etc = join(root, "etc/p24-host");
  file(join(etc, "host"), `${options.name}\n`);
  file(join(etc, "signer.pem"), options.signerPublicPem);
  file(join(etc, "observers"), options.observers.map((recipient) => `${recipient}\n`).join(""));
  file(join(etc, "metrics"), "/var/lib/prometheus/node-exporter\n");
  const lines = options.targets.map((target) => targetLine(target));
  file(join(etc, "targets"), `# NAME DIRECTORY OWNER:GROUP MODE PROJECT TIMEOUT POST_APPLY\n${lines.join("")}`);
  const forced = `restrict,command="/usr/local/sbin/p24-host gate" ${options.syncPublicKey.trim()}\n`;
  file(authorizedKeys(root, options), forced, 0o600);
}

/** The file that the host's SSH server reads at every login. */
export function authorizedKeys(root: string, { user = SYNC_USER }: HostOptions): string {
  return join(root, `home/${user}/.ssh/authorized_keys`);
}

/** One line of /etc/p24-host/targets. The files belong to whoever runs the sandbox. */
export function targetLine({ name, mode, project, timeout, postApply }: TargetOptions): string {
  const post = postApply === undefined ? "-" : `/usr/local/sbin/after-${name}`;
  const fields = [name, targetDirectory({ name }), owner(), mode ?? "600", project, String(timeout ?? 20), post];
  return `${fields.join(" ")}\n`;
}

function owner(): string {
  const named = ["-un", "-gn"].map((option) => execFileSync("id", [option], { encoding: "utf8" }).trim());
  const { uid, gid } = userInfo();
  return named.every((name) => /^[A-Za-z0-9_.-]+$/.test(name)) ? named.join(":") : `${String(uid)}:${String(gid)}`;
}

function layOutTarget(root: string, target: TargetOptions): void {
  const directory = join(root, targetDirectory(target));
  folder(root, targetDirectory(target).slice(1));
  copyFileSync(target.composeFile ?? join(PROJECTS, target.project, "compose.yaml"), join(directory, "compose.yaml"));
  chmodSync(join(directory, "compose.yaml"), 0o644);
  if (target.postApply !== undefined) {
    file(join(root, `usr/local/sbin/after-${target.name}`), target.postApply, 0o755);
  }
}
