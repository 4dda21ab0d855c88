import { spawn } from "node:child_process";
import { strict as assert } from "node:assert";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeSshIdentity, type SandboxHost, startHost, type TargetOptions } from "../../../sandbox/hosts/index.js";
import { ensureToolchain } from "../../../toolchain/setup.mjs";
import { type Draft, sealDraft } from "./seal.js";

/** A host of its own for tests, with everything that a caller needs to talk to it. */
export interface TestHost extends Omit<SandboxHost, "close"> {
  /** Folder that holds all of it. */
  readonly base: string;
  readonly signer: KeyObject;
  /** Decrypts observations. */
  readonly observer: string;
  /** Private part of the sync key. */
  readonly syncKey: string;
  close(): Promise<void>;
}

/** A project whose services change quickly and whose health depends on a secret. */
export const COMPOSE = `
services:
  web:
    image: example/web:1
    restart: unless-stopped
    env_file: .env
    healthcheck:
      test: ["CMD-SHELL", "case $$WEB_PASSWORD in *unhealthy*) exit 1 ;; esac"]
      interval: 50ms
      retries: 2
  worker:
    image: example/worker:1
    restart: unless-stopped
    environment:
      QUEUE_PASSWORD: \${QUEUE_PASSWORD:-none}
  clock:
    image: example/clock:1
    restart: unless-stopped
`;

/** Starts a host with the target `app`. Each has a folder of its own below the system's temporary one. */
export async function startTestHost(target: Partial<TargetOptions> = {}, compose = COMPOSE): Promise<TestHost> {
  const { binDir } = await ensureToolchain({ only: ["age"], quiet: true });
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const base = mkdtempSync(join(tmpdir(), "p24-host-"));
  const composeFile = join(base, "compose.yaml");
  writeFileSync(composeFile, compose);
  const signer = generateKeyPairSync("ed25519");
  const observer = await generateX25519Identity();
  const sync = makeSshIdentity("p24-sync");
  const host = await startHost({
    name: "vps-t1",
    dir: join(base, "it's a host"),
    user: "claude-admin",
    targets: [{ name: "app", project: "app", composeFile, timeout: 15, ...target }],
    bin: { age: join(binDir, "age"), ageKeygen: join(binDir, "age-keygen") },
    observers: [await identityToRecipient(observer)],
    signerPublicPem: signer.publicKey.export({ type: "spki", format: "pem" }).toString(),
    syncPublicKey: sync.public,
  });
  const close = async () => {
    await host.close();
    rmSync(base, { recursive: true, force: true });
  };
  return Object.create(host, {
    base: { value: base },
    signer: { value: signer.privateKey },
    observer: { value: observer },
    syncKey: { value: sync.private },
    close: { value: close },
  }) as TestHost;
}

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the installed host program as its owner would, with an environment that has to be ignored. */
export async function runProgram(
  program: string,
  args: readonly string[],
  input = "",
  env: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const child = spawn(program, args, { env: { PATH: "/nowhere", ...env }, stdio: ["pipe", "pipe", "pipe"], cwd: "/" });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({
        code,
        signal,
        stdout: Buffer.concat(out).toString("utf8"),
        stderr: Buffer.concat(err).toString("utf8"),
      });
    });
  });
}

/** Seals and applies a `.env` text. */
export async function apply(host: TestHost, env: string, draft: Draft = {}): Promise<Ran> {
  return await runProgram(host.program, ["apply", "app"], await sealDraft(host, env, draft));
}

/** The decrypted answer of `observe`, or what it printed instead. */
export async function observe(host: TestHost): Promise<string> {
  const ran = await runProgram(host.program, ["observe", "app"]);
  return ran.code === 0 ? await openObservation(host, ran.stdout) : `${ran.stdout}${ran.stderr}`;
}

export async function openObservation(host: Pick<TestHost, "observer">, armored: string): Promise<string> {
  const { armor, Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  decrypter.addIdentity(host.observer);
  return Buffer.from(await decrypter.decrypt(armor.decode(armored))).toString("utf8");
}

/** A file below `/` of the host. */
export function on(host: TestHost, path: string): string {
  return join(host.root, path);
}

/** Everything that a refused or failed call must leave alone: files with their inodes and modes, records, processes. */
export async function snapshot(host: TestHost): Promise<unknown> {
  const services = (await host.services("app")).map(({ name, id, pid, startedAt }) => ({ name, id, pid, startedAt }));
  return { services, target: listing(host.dir("app")), records: listing(on(host, "var/lib/p24-host/app")) };
}

/** Name, inode, mode and content of every file of a folder; nothing when there is no folder. */
export function listing(folder: string): unknown[] {
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const { ino, mode, mtimeMs } = lstatSync(join(folder, name));
      const isFile = lstatSync(join(folder, name)).isFile();
      return {
        name,
        ino,
        mode: (mode & 0o7777).toString(8),
        mtimeMs,
        content: isFile ? readFileSync(join(folder, name), "utf8") : "",
      };
    });
}

/** A record of the host program, `undefined` when it is absent. */
export function record(host: TestHost, name: string): string | undefined {
  const path = on(host, `var/lib/p24-host/app/${name}`);
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd() : undefined;
}

/** The names of the files in the target's directory. */
export function targetFiles(host: TestHost): string[] {
  return readdirSync(host.dir("app")).sort();
}

export function mode(path: string): string {
  return (lstatSync(path).mode & 0o7777).toString(8);
}

/** Asserts that a call prints nothing but the fixed word, and that it leaves files, records and processes alone. */
export async function assertRefused(
  host: TestHost,
  args: readonly string[],
  input: string,
  code: number,
  word: string,
): Promise<void> {
  const before = await snapshot(host);
  const { stdout, stderr, code: exit } = await runProgram(host.program, args, input);
  assert.deepEqual({ exit, stdout, stderr }, { exit: code, stdout: "", stderr: `p24-host: ${word}\n` });
  assert.deepEqual(await snapshot(host), before);
}
