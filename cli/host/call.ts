import { type Answer, readAnswer } from "./answer.js";
import { type Mode, writeScript } from "./script.js";
import type { Site } from "./site.js";
import { type Login, runAsAdmin } from "./ssh.js";

/** Runs host/install on a host: `plan` looks, `apply` changes what is not as wanted. */
export async function callHost({ name, parts, installer }: Site, login: Login, mode: Mode, env: NodeJS.ProcessEnv) {
  const called = await runAsAdmin(login, writeScript(mode, parts, installer), env);
  const where = `host ${name}`;
  return "fault" in called ? { ...readAnswer(where, ""), faults: [called.fault] } : readAnswer(where, called.stdout);
}

/** Whether there is something to do, and nothing in its way. */
export function isWaiting({ steps, faults }: Answer): boolean {
  return faults.length === 0 && steps.some(({ state }) => state === "change");
}
