/** One machine of the lab as a host with a project of the test's own, and the caller's side of it. */
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type LabHost, startLabHost } from "../../../lab/host.js";
import type { Ended } from "../../../lab/machine.js";
import type { HostCommon, TeamTarget } from "../../../sandbox/world/hosts.js";
import { sealDraft } from "../../sandbox/host/seal.js";
import { ageIdentity, openArmor, sshPair } from "../../support/identities.js";

export interface Lab {
  readonly host: LabHost;
  /** Private part of the payload signer. */
  readonly signer: KeyObject;
  /** Private part that opens observations. */
  readonly observer: string;
  /** Private part of the sync user's SSH pair. */
  readonly syncIdentity: string;
  /** What host/install got. */
  readonly common: HostCommon;
}

/** A machine for a suite, gone after it, with the target `app` or one of the team's. Use the getter inside tests. */
export function useLab(project: string | TeamTarget): () => Lab {
  let lab: Lab | undefined;
  let folder = "";
  before(async function () {
    this.timeout(120_000);
    folder = mkdtempSync(join(tmpdir(), "p24-lab-"));
    lab = await startLab(typeof project === "string" ? writeTarget(folder, project) : project);
  });
  after(async () => {
    await lab?.host.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    assert.ok(lab, "the machine is there inside tests only");
    return lab;
  };
}

function writeTarget(folder: string, compose: string): TeamTarget {
  const composeFile = join(folder, "compose.yaml");
  writeFileSync(composeFile, compose);
  return { name: "app", composeFile };
}

async function startLab(target: TeamTarget): Promise<Lab> {
  const [signer, observer, sync] = [generateKeyPairSync("ed25519"), await ageIdentity(), sshPair()];
  const common: HostCommon = {
    dir: "",
    bin: { age: "", ageKeygen: "" },
    observers: [observer.recipient],
    signerPublicPem: signer.publicKey.export({ type: "spki", format: "pem" }).toString(),
    syncPublicKey: sync.public,
  };
  const host = await startLabHost("vps-i1", target, common);
  return { host, signer: signer.privateKey, observer: observer.identity, syncIdentity: sync.private, common };
}

/** A sealed payload for the host's target. */
export function seal({ host, signer }: Lab, env: string): Promise<string> {
  const { name, recipient, target } = host;
  return sealDraft({ name, recipient, signer }, env, { target });
}

/** Runs the host program's `apply` as root on the machine. */
export async function apply(lab: Lab, env: string): Promise<Ended> {
  const { machine, target } = lab.host;
  return await machine.run(["/usr/local/sbin/p24-host", "apply", target], await seal(lab, env));
}

export async function applied(lab: Lab, env: string): Promise<void> {
  const { code, stdout, stderr } = await apply(lab, env);
  assert.match(stdout, /^applied \d+ (?:as-applied|other|none)\n$/, stderr);
  assert.deepEqual([code, stderr, lab.host.readEnv()], [0, "", env]);
}

/** What `observe` says, opened with the observer's identity. */
export async function observe({ host, observer }: Lab): Promise<string> {
  return await openArmor(await host.machine.must(["/usr/local/sbin/p24-host", "observe", host.target]), observer);
}

/** Sets the TIMEOUT and the POST_APPLY of the target's line in /etc/p24-host/targets. */
export async function setTarget({ host }: Lab, timeout: number, postApply = "-"): Promise<void> {
  const line = `${host.target} ${host.directory} root:root 600 ${host.target} ${timeout} ${postApply}\n`;
  await host.machine.must(["tee", "/etc/p24-host/targets"], line);
}

/** Service to time of its container's start. */
export async function startTimes({ host }: Lab): Promise<Record<string, number | undefined>> {
  const services = await host.services();
  return Object.fromEntries(services.map(({ name, startedAt }) => [name, startedAt?.getTime()]));
}

/** The services whose containers were started since. */
export async function restartedSince(
  lab: Lab,
  before: Readonly<Record<string, number | undefined>>,
): Promise<string[]> {
  const after = await startTimes(lab);
  assert.deepEqual(Object.keys(after).sort(), Object.keys(before).sort());
  return Object.keys(after)
    .filter((name) => after[name] !== before[name])
    .sort();
}

/** What a service answers to a request on its port 80. */
export async function ask(lab: Lab, name: string, path = "/"): Promise<string> {
  const answer = await answerOf(lab, name, path);
  assert.ok(answer !== undefined, `the service ${name} runs`);
  return answer;
}

/** As {@link ask}; `undefined` when the service does not run just now. */
export async function answerOf(lab: Lab, name: string, path = "/"): Promise<string | undefined> {
  const service = (await lab.host.services()).find((one) => one.name === name && one.pid !== undefined);
  return service?.pid === undefined ? undefined : await askProcess(lab, service.pid, path);
}

/** As {@link ask}, from the process's own network: that does not take the daemon. */
export async function askProcess({ host }: Lab, pid: number, path = "/"): Promise<string> {
  const request = `exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET %s HTTP/1.0\\r\\n\\r\\n' "$0" >&3; cat <&3`;
  const enter = ["nsenter", "--target", String(pid), "--net"];
  const { stdout } = await host.machine.run([...enter, "bash", "-c", request, path]);
  return stdout.replace(/^[^]*?\r?\n\r?\n/, "").trimEnd();
}
