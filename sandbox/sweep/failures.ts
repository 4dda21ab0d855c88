import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Step } from "../story/story.js";
import { type CommandResult, inWorktree, p24, preview, rotate, up } from "../world/engine.js";
import { newZoneToken } from "../world/cloudflare.js";
import { OWNER } from "../world/github.js";
import { makeIdentity } from "../world/identities.js";
import type { World } from "../world/world.js";
import { encryptSource } from "../world/worktree.js";
import type { Named } from "./canaries.js";
import { killDuring } from "./kill.js";

const SECRETS = `/repos/${OWNER}/p24-infra/actions/secrets`;
const SHARED = "secrets/shared.sops.yaml";

/** Values that the failure paths bring with them; they are canaries like the team's. */
export function typedValues(): Named[] {
  const marker = () => `cnry${randomBytes(12).toString("hex")}`;
  return [
    { secret: "typed/argument", value: marker() },
    { secret: "typed/plaintext", value: marker() },
    { secret: "typed/refused", value: marker() },
    { secret: "typed/nested", value: marker() },
    { secret: "typed/number", value: `8${String(randomBytes(6).readUIntBE(0, 6)).padStart(15, "7")}` },
  ];
}

/** Everything that goes wrong on purpose, and what is read of the stack meanwhile. Each leaves a world that works. */
export function failurePaths(typed: readonly Named[]): Step[] {
  const value = (secret: string) => typed.find((one) => one.secret === secret)?.value ?? "";
  return [
    { title: "GitHub answers 422 to one secret, one host is down, on the other Docker is", run: someFail },
    { title: "GitHub answers 401 to everything, a host shows another identity", run: nobodyAnswers },
    { title: "the engine is killed between two writes; after pulumi cancel the next run goes on", run: killed },
    { title: "hosts refuse a payload of another signer", run: wrongSigner },
    { title: "Cloudflare refuses a rotated credential, and one does not open the zone", run: notBound },
    { title: "a preview that logs everything, and the engine's own dump", run: verbose },
    { title: "what the stack tells", run: readings },
    { title: "a source was tampered with, nobody's identity fits", run: unreadable },
    { title: "values that are nested, a number, not encrypted", run: (world) => badValues(world, value) },
    { title: "a checkout with changes that are not committed", run: dirty },
    {
      title: "wrong usage, with a value typed as an argument",
      run: (world) => wrongUsage(world, value("typed/argument")),
    },
  ];
}

function fails({ code, stdout, stderr }: CommandResult, pattern?: RegExp): void {
  assert.notEqual(code, 0);
  assert.ok(pattern?.test(stdout + stderr) ?? true, `says ${String(pattern)}`);
}

function marker(): string {
  return `cnry${randomBytes(12).toString("hex")}`;
}

async function someFail(world: World): Promise<void> {
  const [i1, h1] = [world.hosts.get("vps-i1"), world.hosts.get("vps-h1")];
  await rotate(world, "github-actions", "snyk_credential", marker());
  await rotate(world, "shared", "redis_password", `$${marker()} "'`);
  world.github.inject({ method: "PUT", path: `${SECRETS}/SNYK_CREDENTIAL`, status: 422, times: 1 });
  await i1?.setDaemon(false);
  await h1?.down();
  fails(await up(world), /422/);
  world.github.clearFaults();
  await i1?.setDaemon(true);
  await h1?.up();
}

async function nobodyAnswers(world: World): Promise<void> {
  world.github.inject({ path: "**", status: 401, times: Infinity });
  await world.hosts.get("vps-i1")?.showOtherIdentity();
  fails(await p24(world, "status", "--json"));
  fails(await up(world), /401/);
  world.github.clearFaults();
  await world.hosts.get("vps-i1")?.up();
}

async function killed(world: World): Promise<void> {
  for (const name of ["deploy_webhook_url", "npm_publish_credential", "e2e_user_password"]) {
    await rotate(world, "github-actions", name, `${marker()} \\ ${marker()}`);
  }
  await killDuring(world, "SIGKILL", () => up(world));
  await inWorktree(world, "pulumi", ["cancel", "--yes", "--non-interactive"]);
  const done = await up(world);
  assert.equal(done.code, 0, "the run after a killed one converges");
}

async function wrongSigner(world: World): Promise<void> {
  const another = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await rotate(world, "stack", "payload_signing_key", another);
  await rotate(world, "shared", "webhook_signing_secret", marker());
  fails(await up(world), /signature|signer/);
  await rotate(world, "stack", "payload_signing_key", world.secrets.stack["payload_signing_key"] ?? "");
}

async function notBound(world: World): Promise<void> {
  const { cloudflare } = world;
  await rotate(world, "stack", "cloudflare_zone_token", newZoneToken(cloudflare));
  cloudflare.inject({ method: "PUT", path: "/accounts/*/workers/scripts/*/secrets", status: 403, times: Infinity });
  fails(await up(world), /403/);
  cloudflare.clearFaults();
  const dead = newZoneToken(cloudflare);
  cloudflare.revoke(dead);
  await rotate(world, "stack", "cloudflare_zone_token", dead);
  fails(await up(world), /does not open the zone/);
  const bind = ["cli/p24.mjs", "gateway", "bind", "--stack", "sandbox"];
  fails(await inWorktree(world, process.execPath, bind, { input: dead }), /does not name the credential/);
  cloudflare.inject({ path: "**", status: 500, times: Infinity });
  fails(await p24(world, "status"), /Cloudflare answered 500/);
  cloudflare.clearFaults();
  await rotate(world, "stack", "cloudflare_zone_token", newZoneToken(cloudflare));
  assert.equal((await up(world)).code, 0, "the run with a credential that works converges");
}

async function verbose(world: World): Promise<void> {
  await inWorktree(world, "pulumi", ["preview", "--diff", "--debug", "--logtostderr", "-v=9", "--non-interactive"]);
  await killDuring(world, "SIGQUIT", () => preview(world).catch(() => undefined));
}

async function readings(world: World): Promise<void> {
  const exec = (...args: string[]) => p24(world, "exec", "--", "pulumi", ...args);
  await Promise.all([
    p24(world, "status", "--json"),
    exec("stack", "output", "--json", "--show-secrets"),
    exec("stack", "history", "--json", "--show-secrets"),
    exec("config", "--json", "--show-secrets"),
  ]);
}

async function unreadable(world: World): Promise<void> {
  const path = join(world.paths.work, SHARED);
  const text = await readFile(path, "utf8");
  const [first = ""] = /data:[^,]{6}/.exec(text) ?? [];
  await writeFile(path, text.replace(first, `data:${first.slice(5).split("").reverse().join("")}`));
  fails(await p24(world, "status"), /tampered|MAC/);
  await writeFile(path, text.replace(/^smtp_host:.*\n/m, ""));
  fails(await inWorktree(world, "pulumi", ["preview", "--non-interactive"]), /MAC/);
  await writeFile(path, text);
  await makeIdentity(join(world.paths.dir, "stranger"), "stranger");
  const env = { SOPS_AGE_KEY_FILE: join(world.paths.dir, "stranger/stranger.txt") };
  fails(await inWorktree(world, process.execPath, ["cli/p24.mjs", "status"], { env }), /not encrypted to any/);
}

async function badValues(world: World, value: (secret: string) => string): Promise<void> {
  const path = join(world.paths.work, SHARED);
  const text = await readFile(path, "utf8");
  const status = () => p24(world, "status");
  const nested = { outer: { inner: value("typed/nested") } as unknown as string };
  await encryptSource(world.paths.work, SHARED, nested, world.env);
  fails(await status(), /nested/);
  const number = { smtp_port: Number(value("typed/number")) as unknown as string };
  await encryptSource(world.paths.work, SHARED, number, world.env);
  fails(await status(), /not a string/);
  const plain = `smtp_password: ${value("typed/plaintext")}\n`;
  const conflict = `<<<<<<< HEAD\n${plain}=======\n${plain}>>>>>>> other\n`;
  for (const bad of [`${plain}\tnot: [yaml\n`, conflict, text + plain]) {
    await writeFile(path, bad);
    fails(await status(), /Repair: /);
  }
  fails(await inWorktree(world, "pulumi", ["preview", "--non-interactive"]), /Repair: /);
  await writeFile(path, text);
}

async function dirty(world: World): Promise<void> {
  const path = join(world.paths.work, "inventory.yaml");
  const text = await readFile(path, "utf8");
  await appendFile(path, "# changed\n");
  fails(await up(world), /commit/);
  await writeFile(path, text);
}

async function wrongUsage(world: World, value: string): Promise<void> {
  const calls = [
    [value],
    ["status", `--${value}`],
    ["status", "--stack", value],
    ["exec", "--", value],
    ["help", value],
  ];
  await Promise.all(calls.map((args) => p24(world, ...args)));
}
