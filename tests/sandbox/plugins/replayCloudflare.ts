/** Replays one case of the cloudflare plugin's table: a request, with an emulated Cloudflare behind the plugin. */
import http from "node:http";
import type { AddressInfo } from "node:net";

import * as provider from "@pulumi/pulumi/proto/provider_pb.js";
import type * as grpc from "@grpc/grpc-js";

import { type CloudflareWorld, createCloudflare } from "../../../sandbox/cloudflare/index.js";
import { ask, type RunningPlugin } from "./harness.js";
import { Names } from "./names.js";
import { type Request, send, struct } from "./send.js";
import type { Plain } from "./wire.js";

type Props = { [name: string]: Plain };

/** A request of the table, and what stands at Cloudflare before it. */
export interface Case extends Request {
  readonly it: string;
  /** Inputs with which the resource is created first: its state and id are those of the request. */
  readonly made?: Props;
  /** What somebody does behind the plugin's back between the two. */
  readonly then?:
    "deletes the Worker" | "detaches the domain" | "edits the script" | "moves the domain" | "sets a secret";
  /** Scripts that are there before everything. */
  readonly workers?: readonly string[];
  /** Without the credential, or with one that may not. */
  readonly credential?: "none" | "reading";
  readonly answer: Plain;
  /** Where the stand-in differs on purpose: its answer, and the reason. */
  readonly standIn?: Plain;
  readonly why?: string;
}

const ZONE = "p24.example";

/** What all cases of a file share: the emulated Cloudflare, and a plugin for each credential. */
export interface Bench {
  replay(c: Case): Promise<Plain>;
  close(): Promise<void>;
}

export async function openBench(start: (env: NodeJS.ProcessEnv) => Promise<RunningPlugin>): Promise<Bench> {
  const world = createCloudflare();
  const { id: zoneId } = world.addZone(ZONE);
  const credentials = {
    writing: world.issueToken({ name: "deploy", account: ["Workers Scripts Write"] }).value,
    reading: world.issueToken({ name: "reader", account: ["Workers Scripts Read"] }).value,
    none: "",
  };
  const server = http.createServer((request, response) => void world.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/client/v4`;
  const names = new Names({ $ACCOUNT: world.accountId, $ZONE: zoneId, $BASE: base });
  return {
    async replay(c) {
      const plugin = await start({
        CLOUDFLARE_BASE_URL: base,
        ...(c.credential === "none" ? {} : { CLOUDFLARE_API_TOKEN: credentials[c.credential ?? "writing"] }),
      });
      empty(world);
      for (const worker of c.workers ?? []) world.editScript(worker, "export default {};");
      const filled = names.in(c as unknown as Plain) as unknown as Case;
      return withoutChance(names.out(await run(plugin, world, filled)));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function run(plugin: RunningPlugin, world: CloudflareWorld, c: Case): Promise<Plain> {
  const urn = `urn:pulumi:test::p24::${c.type ?? ""}::gateway`;
  const configure = new provider.ConfigureRequest().setArgs(struct({})).setAcceptsecrets(true).setAcceptresources(true);
  configure.setSendsOldInputs(true).setSendsOldInputsToDelete(true);
  await ask<typeof configure, provider.ConfigureResponse>((q, done) => plugin.client.configure(q, done), configure);
  const made =
    c.made === undefined ? undefined : ((await send(plugin, { call: "create", news: c.made }, urn)) as Props);
  behind(world, c.then);
  world.clearRequests();
  const stored = made && { id: made["id"] as string, olds: made["properties"] as Props, oldInputs: c.made as Props };
  const answer = await send(plugin, { ...stored, ...c }, urn).catch((err: unknown) => {
    const { details, code } = err as grpc.ServiceError;
    return { error: details, code };
  });
  const asked = world.requests.map(({ method, path, status }) => `${method} ${path} ${String(status)}`);
  const worker = world.workerOf("gateway");
  return {
    ...(answer as Props),
    ...(asked.length === 0 ? {} : { asked }),
    ...(c.call === "create" || c.call === "update" || c.call === "delete" ? { there: there(worker) } : {}),
  };
}

function there(worker: ReturnType<CloudflareWorld["workerOf"]>): Plain {
  if (worker === undefined) return null;
  const { content, mainModule, bindings, compatibilityDate, message, versions, domains, subdomain } = worker;
  const plain = {
    content,
    mainModule,
    bindings,
    compatibilityDate,
    message: message ?? null,
    versions,
    domains,
    subdomain,
  };
  return JSON.parse(JSON.stringify(plain)) as Plain;
}

function behind(world: CloudflareWorld, what: Case["then"]): void {
  const actions: Record<NonNullable<Case["then"]>, () => void> = {
    "deletes the Worker": () => {
      world.deleteWorker("gateway");
    },
    "detaches the domain": () => {
      world.detachDomain(`dns.${ZONE}`);
    },
    "edits the script": () => {
      world.editScript("gateway", "edited");
    },
    "moves the domain": () => {
      world.attachDomain(`dns.${ZONE}`, "other");
    },
    "sets a secret": () => {
      world.setBinding("gateway", { name: "CREDENTIAL", type: "secret_text", text: "canary" });
    },
  };
  if (what !== undefined) actions[what]();
}

function empty(world: CloudflareWorld): void {
  for (const name of ["gateway", "other"]) {
    for (const hostname of world.workerOf(name)?.domains ?? []) world.detachDomain(hostname);
    if (world.workerOf(name) !== undefined) world.deleteWorker(name);
  }
}

/** Without the bridge's own bookkeeping (`__…`), and with names for what is different each time. */
function withoutChance(value: Plain): Plain {
  if (typeof value === "string") {
    return value
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "$TIME")
      .replaceAll(/\b[0-9a-f]{64}\b/g, "$HASH")
      .replaceAll(/\b[0-9a-f]{32}\b/g, "$ID");
  }
  if (Array.isArray(value)) return value.map(withoutChance);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([name]) => !name.startsWith("__"));
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutChance(inner)]));
}
