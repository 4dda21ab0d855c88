/**
 * Starts a Pulumi resource plugin the way the engine does (address of the engine as the only argument, port on the
 * first line of stdout) and talks to it over Pulumi's own generated gRPC stubs. The engine's side is a server that
 * only keeps what the plugin logs.
 */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";

/** One message that the plugin sent to the engine; `status` ones are shown only while they are the latest. */
export interface LogLine {
  readonly severity: "debug" | "info" | "warning" | "error";
  readonly message: string;
  readonly status: boolean;
}

/** Which program is under test, and how a test title calls it. */
export interface PluginUnderTest {
  readonly file: string;
  readonly official: boolean;
  readonly title: string;
}

/** A started plugin. `logs` grows while it runs; `output` is everything it wrote to stdout and stderr. */
export interface RunningPlugin {
  readonly client: ResourceProviderClient;
  readonly logs: LogLine[];
  /** From spawn to the port on stdout. */
  readonly startMs: number;
  output(): string;
  close(): Promise<void>;
}

/** The official plugin of the folder P24_PLUGIN_DIR when it has one, else this repository's stand-in. */
export function pluginUnderTest(name: string, standIn: string): PluginUnderTest {
  const dir = process.env["P24_PLUGIN_DIR"];
  const official = dir === undefined || dir === "" ? undefined : join(dir, `pulumi-resource-${name}`);
  return official !== undefined && existsSync(official)
    ? { file: official, official: true, title: "official plugin" }
    : { file: standIn, official: false, title: "stand-in" };
}

const severities = ["debug", "info", "warning", "error"] as const;

/** The engine's side of the connection: takes log messages, answers nothing else. */
async function startEngine(logs: LogLine[]): Promise<{ server: grpc.Server; address: string }> {
  const server = new grpc.Server();
  server.addService(EngineService, {
    log(call: grpc.ServerUnaryCall<LogRequest, Empty>, done: grpc.sendUnaryData<Empty>): void {
      const r = call.request;
      logs.push({ severity: severities[r.getSeverity()], message: r.getMessage(), status: r.getEphemeral() });
      done(null, new Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (err, bound) => {
      if (err === null) resolve(bound);
      else reject(err);
    });
  });
  return { server, address: `127.0.0.1:${String(port)}` };
}

function firstLine(child: ChildProcessByStdio<null, Readable, Readable>, seen: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = "";
    child.stdout.on("data", (chunk: Buffer) => {
      line += chunk.toString();
      if (line.includes("\n")) resolve(line.slice(0, line.indexOf("\n")));
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      reject(new Error(`plugin ended with ${String(code)} before it gave a port:\n${seen()}`));
    });
  });
}

/** Starts `plugin` with exactly the environment `env`, connected to an engine stub on loopback. */
export async function startPlugin(plugin: PluginUnderTest, env: NodeJS.ProcessEnv): Promise<RunningPlugin> {
  const logs: LogLine[] = [];
  const engine = await startEngine(logs);
  const began = performance.now();
  const child = spawn(plugin.file, [engine.address], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<void>((resolve) =>
    child.once("close", () => {
      resolve();
    }),
  );
  let port: string;
  try {
    port = await firstLine(child, () => output);
  } catch (err) {
    engine.server.forceShutdown();
    throw err;
  }
  const startMs = performance.now() - began;
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  return {
    client,
    logs,
    startMs,
    output: () => output,
    async close() {
      client.close();
      child.kill("SIGKILL");
      await exited;
      engine.server.forceShutdown();
    },
  };
}

type Unary<Q, A> = (request: Q, done: (err: grpc.ServiceError | null, answer: A) => void) => unknown;

/** One unary call as a promise. `method` must be bound: `(q, done) => client.check(q, done)`. */
export function ask<Q, A>(method: Unary<Q, A>, request: Q): Promise<A> {
  return new Promise((resolve, reject) => {
    method(request, (err, answer) => {
      if (err === null) resolve(answer);
      else reject(err);
    });
  });
}
