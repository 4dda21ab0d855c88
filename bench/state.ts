/**
 * `npm run bench:state [-- --delay MS] [--shared N] [--at-end]`: what the engine asks of the bucket that holds its state, in one `up`
 * for each of nothing, one host, two hosts and one secret at GitHub, and how large the state is (docs/scale.md). The bucket is
 * moto, a stand-in on loopback; `--delay` puts so many milliseconds before each answer, `--shared` adds secrets to both hosts,
 * `--at-end` sets PULUMI_SKIP_CHECKPOINTS. Besides: what sealing one bundle costs.
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { sealPayload } from "../core/seal/payload.js";
import { Secret } from "../core/seal/secret.js";
import { commit, inWorktree, p24, rotate, up } from "../sandbox/world/engine.js";
import { makeTeamSecrets } from "../sandbox/world/team.js";
import { startWorld, type World } from "../sandbox/world/world.js";
import { startS3 } from "../tests/support/moto.js";
import { numbered } from "../tests/support/program.js";

import { type Call, startRelay } from "./relay.js";

const { values } = parseArgs({
  options: {
    delay: { type: "string", default: "0" },
    shared: { type: "string", default: "0" },
    "at-end": { type: "boolean", default: false },
  },
});
/** What `p24 pulumi` sets by itself. */
const OF_P24 = ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "SSH_AUTH_SOCK"];
const STATE = /\/stacks\/[^?]+\.json$/;

function secrets(): ReturnType<typeof makeTeamSecrets> {
  const team = makeTeamSecrets();
  const more = Object.keys(numbered(Number(values.shared))).map((name) => [`more_${name}`, "v".repeat(32)]);
  return {
    ...team,
    shared: { ...team.shared, ...(Object.fromEntries(more) as Record<string, string>) },
    "github-actions": numbered(3),
    stack: { ...team.stack, backend_access_key_id: "an id", backend_secret_access_key: "a secret" },
  };
}

/** Moves the world's state into the bucket; the rest of its environment is the caller's. */
async function inBucket(world: World, url: string): Promise<World> {
  await inWorktree(world, "pulumi", ["config", "set", "p24-infra:backend", url]);
  const own = Object.entries(world.env).filter(([name]) => !OF_P24.includes(name) && !name.startsWith("AWS_"));
  const atEnd = values["at-end"] ? { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" } : {};
  const moved: World = { ...world, env: { ...Object.fromEntries(own), ...atEnd } };
  await p24(moved, "pulumi", "--", "stack", "init", "sandbox", "--non-interactive");
  await commit(moved, "chore: the state moves to the bucket");
  return moved;
}

async function measureUps(world: World, calls: Call[]): Promise<void> {
  const steps: [what: string, prepare: () => Promise<void>][] = [
    ["first up: two hosts, three secrets", () => Promise.resolve()],
    ["nothing to write", () => Promise.resolve()],
    ["one host", () => rotate(world, "vps-h1", "waha_api_key", "another value")],
    ["two hosts", () => rotate(world, "shared", "smtp_user", "another@example.test")],
    ["one secret at GitHub", () => rotate(world, "github-actions", "name_01", "another value")],
  ];
  for (const [what, prepare] of steps) {
    await prepare();
    calls.length = 0;
    const { code, elapsedMs, stderr } = await up(world);
    if (code !== 0) {
      throw new Error(`${what}: up ended with ${String(code)}\n${stderr}`);
    }
    const saved = calls.filter(({ method, path }) => method === "PUT" && STATE.test(path));
    const [count, seconds] = [String(calls.length), (elapsedMs / 1000).toFixed(1)];
    const state = `${String(saved.length)} uploads of the state, ${String(saved.at(-1)?.bytes ?? 0)} bytes`;
    console.log(`${what.padEnd(36)} ${count.padStart(4)} requests  ${state}  ${seconds} s`);
  }
}

/** Bytes of each kind of resource's entry, without indentation. */
async function measureState(world: World): Promise<void> {
  const { stdout } = await p24(world, "pulumi", "--", "stack", "export");
  const { deployment } = JSON.parse(stdout) as { deployment: { resources: { type: string; urn: string }[] } };
  for (const resource of deployment.resources.filter(({ urn }) => /::(?:vps-h1|.*\/NAME_01)$/.test(urn))) {
    console.log(
      `${resource.type.padEnd(42)} ${String(JSON.stringify(resource).length).padStart(6)} bytes in the state`,
    );
  }
  const [host] = [...world.hosts].filter(([name]) => name === "vps-h1");
  console.log(`${"its .env".padEnd(42)} ${String(Buffer.byteLength(host?.[1].readEnv() ?? "")).padStart(6)} bytes`);
}

async function measureSealing(): Promise<void> {
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const recipient = await identityToRecipient(await generateX25519Identity());
  const to = { host: "vps-h1", target: "hostinger", prune: [], recipient };
  const rounds = 200;
  for (const count of [20, 100, 1000]) {
    const names = Array.from({ length: count }, (_, index) => `NAME_OF_SECRET_${String(index)}`);
    const entries = new Map(names.map((name, index) => [name, new Secret("v".repeat(32) + String(index))]));
    const began = process.cpuUsage();
    let bytes = 0;
    for (let serial = 1; serial <= rounds; serial += 1) {
      bytes = (await sealPayload({ ...to, serial, entries }, new Secret(pem))).length;
    }
    const { user, system } = process.cpuUsage(began);
    const ms = ((user + system) / rounds / 1000).toFixed(1);
    console.log(`sealing ${String(count).padStart(4)} secrets: ${ms} ms of processor time, ${String(bytes)} bytes`);
  }
}

async function main(): Promise<void> {
  await measureSealing();
  const dir = await mkdtemp(join(tmpdir(), "p24-bench-"));
  const built = await startWorld({ dir: join(dir, "world"), checkout: resolve(__dirname, ".."), secrets: secrets() });
  const store = await startS3("p24-state");
  const relay = await startRelay(store.url, Number(values.delay));
  try {
    const world = await inBucket(built, `s3://p24-state?endpoint=${relay.url}&s3ForcePathStyle=true&region=us-east-1`);
    await measureUps(world, relay.calls);
    await measureState(world);
  } finally {
    await relay.close();
    await store.close();
    await built.close();
    await rm(dir, { recursive: true, force: true });
  }
}

void main();
