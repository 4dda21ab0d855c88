/** The engine's side of the plugin: where log lines go. */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";

/** Log lines about one resource (or about the plugin, when the URN is empty). */
export interface Log {
  info(message: string): Promise<void>;
  warning(message: string): Promise<void>;
  error(message: string): Promise<void>;
  /** A line that is shown only while it is the latest. */
  status(message: string): Promise<void>;
}

/** Sends log lines to the engine at an address; without one they go to stderr. */
export class Engine {
  private client: EngineClient | undefined;

  constructor(address: string | undefined) {
    if (address !== undefined) this.attach(address);
  }

  /** Connects to the engine at `address` from now on. */
  attach(address: string): void {
    this.client = new EngineClient(address, grpc.credentials.createInsecure());
  }

  /** The log of the resource `urn`. A line that cannot be delivered is dropped: the command itself matters more. */
  log(urn: string): Log {
    const send =
      (severity: LogSeverity, ephemeral = false) =>
      (message: string) =>
        this.send(new LogRequest().setSeverity(severity).setMessage(message).setUrn(urn).setEphemeral(ephemeral));
    return {
      info: send(LogSeverity.INFO),
      warning: send(LogSeverity.WARNING),
      error: send(LogSeverity.ERROR),
      status: send(LogSeverity.INFO, true),
    };
  }

  private send(request: LogRequest): Promise<void> {
    const { client } = this;
    if (client === undefined) {
      if (!request.getEphemeral()) process.stderr.write(`${request.getMessage()}\n`);
      return Promise.resolve();
    }
    return new Promise((resolve) =>
      client.log(request, () => {
        resolve();
      }),
    );
  }
}
