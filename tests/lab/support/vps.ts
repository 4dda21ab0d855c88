/** A bare VPS for the installer: a machine of the lab with Docker's client and Compose, sudo and OpenSSL; no age, no sync user. */
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type Answer, readAnswer } from "../../../cli/host/answer.js";
import { type Mode, type Parts, writeScript } from "../../../cli/host/script.js";
import { targetLine } from "../../../cli/host/site.js";
import { type Ended, Machine } from "../../../lab/machine.js";
import { packageFolder } from "../../../lab/packages.js";
import { ensureToolchain } from "../../../toolchain/setup.mjs";
import { ageIdentity, sshPair } from "../../support/identities.js";

const HOST = join(__dirname, "../../../host");

export const INSTALLER = readFileSync(join(HOST, "install"), "utf8");
export const PROGRAM = readFileSync(join(HOST, "p24-host"), "utf8");
export const METRICS = "/var/lib/prometheus/node-exporter";
export const DIRECTORY = "/opt/p24-infra/monitoring";

/** What the tests install. */
export async function sampleParts(): Promise<Parts> {
  const { publicKey } = generateKeyPairSync("ed25519");
  return {
    host: "vps-i1",
    target_line: targetLine({ target: "monitoring" }),
    user: "claude-admin",
    sync_public: publicOf(sshPair().public),
    signer: publicKey.export({ type: "spki", format: "pem" }).toString(),
    observers: `${(await ageIdentity()).recipient}\n`,
    metrics: METRICS,
    host_program: PROGRAM,
  };
}

/** Type and base64, without the comment. */
export function publicOf(line: string): string {
  return line.split(" ").slice(0, 2).join(" ").trim();
}

/** Takes away what this machine may have and a bare VPS has not, and puts there what its provider brought. */
const BARE = `set -e
rm -rf /usr/bin/age /usr/bin/age-keygen /var/lib/apt/lists/*
userdel --remove claude-admin 2>/dev/null || true
mkdir -p ${DIRECTORY}
echo 'services: {}' >${DIRECTORY}/compose.yaml`;

/** A bare VPS. With `age` it has the programs of Debian's package already, which saves most of an installation's time. */
export async function bareVps({ age = true } = {}): Promise<Machine> {
  const { tools } = await ensureToolchain({ only: ["docker-compose"], quiet: true });
  const machine = await Machine.boot({
    name: "vps-i1",
    compose: tools[0]?.location ?? "",
    packages: packageFolder(),
  });
  await shell(machine, BARE);
  if (age) {
    await unpack(machine, "age", "./usr/bin/*");
  }
  return machine;
}

/** Puts files of a package that is kept for the lab (lab/prepare.ts) into a machine, without installing the package. */
export async function unpack(machine: Machine, name: string, files: string): Promise<void> {
  const archive = `/var/cache/apt/archives/${name}_*.deb`;
  await shell(machine, `dpkg-deb --fsys-tarfile ${archive} | tar -x -C / --wildcards '${files}'`);
}

/** Runs a command of the shell as root; gives what it printed. It must work. */
export function shell(machine: Machine, command: string, input = ""): Promise<string> {
  return machine.must(["sh", "-c", command], input);
}

/** Every file that an installation might touch, with owner, mode, and the times when content and inode were changed last. */
export function listing(machine: Machine): Promise<string> {
  const places = "/etc /home /opt /root /srv /usr/local /var/cache/apt /var/lib/p24-host";
  return shell(machine, `find ${places} -printf '%p %y %m %U:%G %s %T@ %C@ %l\\n' 2>/dev/null | sort`);
}

export interface Installed extends Ended, Answer {}

/** Runs the installer as `p24 host install` does. `starts` is how root's shell is started. */
export async function install(machine: Machine, mode: Mode, parts: Parts, ...starts: string[]): Promise<Installed> {
  const command = starts.length === 0 ? ["sh"] : starts;
  const ran = await machine.run([...command, "-s"], writeScript(mode, parts, INSTALLER));
  return { ...ran, ...readAnswer("host vps-i1", ran.stdout) };
}

/** The texts of the steps in one state: `line adds …`. */
export function stepsIn(answer: Answer, state: Answer["steps"][number]["state"]): string[] {
  return answer.steps.filter((step) => step.state === state).map(({ step, text }) => `${step} ${text}`);
}
