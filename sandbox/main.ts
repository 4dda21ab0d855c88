/** `npm run sandbox [-- start | stop | status]`: a loopback world in `.sandbox/` that stays up until it is stopped. */
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

import { request } from "undici";

import { sandboxPaths } from "./world/paths.js";

const checkout = resolve(__dirname, "..");
const paths = sandboxPaths(join(checkout, ".sandbox"));
const START_TIMEOUT_MS = 15 * 60_000;

interface DaemonState {
  readonly pid: number;
  readonly url: string;
  readonly credential: string;
}

async function main(verb: string): Promise<number> {
  switch (verb) {
    case "start":
      return start();
    case "stop":
      return stop();
    case "status":
      return status();
    default:
      console.error(`sandbox: unknown verb "${verb}". Repair: npm run sandbox -- start | stop | status`);
      return 2;
  }
}

async function start(): Promise<number> {
  if ((await call("GET", "status")) !== undefined) {
    console.log("The sandbox is running already. npm run sandbox -- stop ends it.");
    return 0;
  }
  await rm(paths.dir, { recursive: true, force: true });
  await mkdir(paths.dir, { recursive: true });
  const log = openSync(`${paths.dir}.log`, "w", 0o600);
  const args = ["--import", "tsx", join(__dirname, "daemon.ts"), paths.dir, checkout];
  const daemon = spawn(process.execPath, args, { cwd: checkout, detached: true, stdio: ["ignore", log, log] });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && daemon.exitCode === null) {
    if ((await call("GET", "status")) !== undefined) {
      daemon.unref();
      console.log(
        "The sandbox runs: everything in it is on loopback, and none of it is real GitHub, hosts or Docker.\n",
      );
      console.log("  . .sandbox/env                   then: pulumi preview, pulumi up, pulumi destroy, sops …");
      console.log("  npm run sandbox -- status        what runs, and what is a stand-in");
      console.log("  npm run sandbox -- stop          end it");
      return 0;
    }
    await new Promise((again) => setTimeout(again, 200));
  }
  console.error(`sandbox: did not start.\n${await readFile(`${paths.dir}.log`, "utf8").catch(() => "")}`);
  return 1;
}

async function stop(): Promise<number> {
  const state = await readState();
  if ((await call("POST", "stop")) === undefined || state === undefined) {
    console.log("No sandbox is running.");
    return 0;
  }
  while (isAlive(state.pid)) {
    await new Promise((again) => setTimeout(again, 50));
  }
  await rm(paths.dir, { recursive: true, force: true });
  await rm(`${paths.dir}.log`, { force: true });
  console.log("The sandbox has ended.");
  return 0;
}

async function status(): Promise<number> {
  const answer = (await call("GET", "status")) as { standIns: string[]; refused: { target: string }[] } | undefined;
  if (answer === undefined) {
    console.log("No sandbox is running. npm run sandbox starts one.");
    return 1;
  }
  console.log(answer.standIns.join("\n"));
  for (const { target } of answer.refused) {
    console.log(`refused by the fence: ${target}`);
  }
  return 0;
}

async function readState(): Promise<DaemonState | undefined> {
  const text = await readFile(paths.stateFile, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as DaemonState);
}

/** `undefined` when nothing answers with the credential of this sandbox. */
async function call(method: "GET" | "POST", path: string): Promise<unknown> {
  const state = await readState();
  if (state === undefined) {
    return undefined;
  }
  try {
    const headers = { authorization: `Bearer ${state.credential}` };
    const { statusCode, body } = await request(`${state.url}/${path}`, { method, headers });
    return statusCode === 200 ? await body.json() : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

void main(process.argv[2] ?? "start").then((code) => {
  process.exitCode = code;
});
