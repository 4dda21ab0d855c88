/** What the tests of the gateway share: a small team with a gateway and nothing else, and looks at it. */
import { preview } from "../../../sandbox/world/engine.js";
import { GATEWAY_HOST, WORKER } from "../../../sandbox/world/cloudflare.js";
import { makeStackSecrets } from "../../../sandbox/world/team.js";
import type { World } from "../../../sandbox/world/world.js";
import { useWorld } from "../../support/world.js";

export const PLACE = `cloudflare:${WORKER}`;
export const SCRIPT = `cloudflare:index/workersScript:WorkersScript ${WORKER}`;
export const CREDENTIAL = `command:local:Command ${WORKER}/ZONE_CREDENTIAL`;
export const DOMAIN = `cloudflare:index/workersCustomDomain:WorkersCustomDomain ${GATEWAY_HOST}`;
export const WORKERS_DEV = `cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain ${WORKER}`;

/** A world whose settings have a gateway, no host and no repository, so that a run takes seconds. */
export function useGateway(): () => World {
  return useWorld({
    gateway: true,
    settings: { hosts: {}, github: { owner: "radieu", repositories: [] } },
    secrets: { shared: {}, "vps-i1": {}, "vps-h1": {}, "github-actions": {}, stack: makeStackSecrets() },
  });
}

/** What a preview says of the gateway: `script differs`, and what the engine would do. */
export async function look(world: World) {
  const { report, changes, code, stdout } = await preview(world);
  return { code, stdout, report, changes, open: openAt(report, PLACE) };
}

/** The parts that a report calls not in sync at a place. */
export function openAt(report: string, place: string): string[] {
  const lines = report.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`${place} `));
  const end = lines.findIndex((line, index) => index > at && !line.startsWith("    "));
  return lines
    .slice(at + 1, end === -1 ? undefined : end)
    .flatMap((line) => /^ {4}(?!note:|!)(\S.*?) {2,}(\S+(?: \S+)*?)(?: {2,}|$)/.exec(line)?.slice(1).join(" ") ?? []);
}

/** The Worker as it answers now; fails without one. */
export function workerOf(world: World) {
  const worker = world.cloudflare.workerOf(WORKER);
  if (worker === undefined) {
    throw new Error("there is no Worker");
  }
  return worker;
}

/** The credential that the Worker has. */
export function boundCredential(world: World): string | undefined {
  return workerOf(world).bindings.find(({ name }) => name === "ZONE_CREDENTIAL")?.text;
}

/** Writes at Cloudflare since the last call: `PUT /accounts/A/workers/scripts/p24-dns-gateway/secrets`. */
export function takeWrites({ cloudflare }: World): string[] {
  const writes = cloudflare.requests.filter(({ method }) => method !== "GET");
  const said = writes.map(({ method, path }) => `${method} ${path.replace(cloudflare.accountId, "A")}`);
  cloudflare.clearRequests();
  return said;
}
