/** Runs a stand-in as the engine starts a plugin: the port goes to stdout, the engine's address is the only argument. */
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { Engine } from "./engine.js";
import type { Plugin } from "./plugin.js";
import { service } from "./service.js";

/** Serves the plugin on a free loopback port until its engine ends. */
export function serve(plugin: Plugin): void {
  const address = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
  const { implementation, idle } = service(plugin, new Engine(address));

  // The engine sends and takes messages up to 400 MB.
  const limit = 400 * 1024 * 1024;
  const server = new grpc.Server({ "grpc.max_receive_message_length": limit, "grpc.max_send_message_length": limit });
  server.addService(ResourceProviderService, implementation as grpc.UntypedServiceImplementation);
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (err, port) => {
    if (err !== null) {
      process.stderr.write(`${plugin.name} plugin: no port on 127.0.0.1 (${err.message})\n`);
      process.exit(1);
    }
    process.stdout.write(`${String(port)}\n`);
  });

  // An engine that was killed cannot stop its plugins: without a parent, end as soon as no command is under way.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && idle()) process.exit(0);
  }, 1000).unref();
}
