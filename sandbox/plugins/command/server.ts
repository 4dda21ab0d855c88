/**
 * The plugin protocol (pulumirpc.ResourceProvider) over Pulumi's generated stubs. `provider.main` of the SDK is not
 * used: its server knows no preview flag, no detailed diff, no old inputs and no ignoreChanges, it hands secrets over
 * as raw objects, and it takes twice as long to load.
 */
import * as grpc from "@grpc/grpc-js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { check } from "./check.js";
import { diff, ignoring, inputsOf } from "./diff.js";
import type { Engine } from "./engine.js";
import { Failure } from "./failure.js";
import * as lifecycle from "./lifecycle.js";
import { propertiesFromWire, toWire, type Properties } from "./property.js";
import { resources, type Resource } from "./shape.js";

export const version = "1.2.1";
export const announcement = "command plugin: stand-in of this repository, not the official one";

const properties = (struct: Struct | undefined): Properties => propertiesFromWire(struct?.toJavaScript() ?? {});
const struct = (values: Properties): Struct => Struct.fromJavaScript(toWire(values) as never);

/** Type and name of a resource by its URN: `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`. */
function parsed(urn: string): { type: string; name: string; resource: Resource } {
  const [, , types = "", ...name] = urn.split("::");
  const type = types.slice(types.lastIndexOf("$") + 1);
  const resource = resources[type];
  if (resource !== undefined) return { type, name: name.join("::"), resource };
  if (type === "command:remote:CopyToRemote" || type === "command:remote:CopyFile") {
    throw new Failure(`${announcement}; it does not know ${type}`, grpc.status.UNIMPLEMENTED);
  }
  throw new Failure(`Resource '${type.replace(/^command:/, "")}' not found`, grpc.status.NOT_FOUND);
}

/** Counts what runs and can stop the waiting in it. */
class Operations {
  private readonly running = new Set<AbortController>();

  get idle(): boolean {
    return this.running.size === 0;
  }

  cancel(): void {
    for (const controller of this.running) controller.abort(new Failure("context canceled", grpc.status.CANCELLED));
  }

  async run<T>(seconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const late = new Failure("context deadline exceeded", grpc.status.DEADLINE_EXCEEDED);
    const timer =
      seconds > 0
        ? setTimeout(() => {
            controller.abort(late);
          }, seconds * 1000)
        : undefined;
    this.running.add(controller);
    try {
      return await work(controller.signal);
    } finally {
      clearTimeout(timer);
      this.running.delete(controller);
    }
  }
}

const nameOf = (err: unknown): string => {
  if (!(err instanceof Error)) return "error";
  return "code" in err && typeof err.code === "string" ? `${err.name} ${err.code}` : err.name;
};

type Handler<Q, A> = grpc.handleUnaryCall<Q, A>;

function answering<Q, A>(work: (request: Q) => A | Promise<A>): Handler<Q, A> {
  return (call, done) => {
    void (async () => work(call.request))().then(
      (answer) => {
        done(null, answer);
      },
      (err: unknown) => {
        if (err instanceof Failure) done({ code: err.code, details: err.message });
        else done({ code: grpc.status.INTERNAL, details: `command plugin: unexpected ${nameOf(err)} in the stand-in` });
      },
    );
  };
}

function diffResponse(resource: Resource, request: pb.DiffRequest, sendsOldInputs: boolean): pb.DiffResponse {
  const state = properties(request.getOlds());
  const news = ignoring(properties(request.getNews()), state, request.getIgnorechangesList());
  const olds = sendsOldInputs ? properties(request.getOldInputs()) : inputsOf(resource, state);
  const changes = diff(olds, news);
  const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
  const response = new pb.DiffResponse().setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setHasdetaileddiff(true);
  response.setDiffsList([...new Set(changes.map((c) => c.input))]);
  response.setReplacesList([...new Set(changes.filter((c) => c.replace).map((c) => c.input))]);
  const { Kind } = pb.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  for (const change of changes) {
    const kind = kinds[change.kind][change.replace ? 1 : 0];
    response.getDetaileddiffMap().set(change.path, new pb.PropertyDiff().setKind(kind));
  }
  return response;
}

/** The service, and whether nothing is under way in it. Methods that are missing answer UNIMPLEMENTED by themselves. */
export function service(engine: Engine): { implementation: Partial<IResourceProviderServer>; idle: () => boolean } {
  const operations = new Operations();
  let sendsOldInputs = false;
  const operation = (urn: string, preview: boolean, signal: AbortSignal): lifecycle.Operation => {
    return { ...parsed(urn), log: engine.log(urn), signal, preview };
  };
  const implementation: Partial<IResourceProviderServer> = {
    getPluginInfo: answering(() => new PluginInfo().setVersion(version)),
    getSchema: answering(() => {
      const schema = { name: "command", version, description: announcement };
      return new pb.GetSchemaResponse().setSchema(JSON.stringify(schema));
    }),
    attach: answering((request) => {
      engine.attach(request.getAddress());
      return new Empty();
    }),
    checkConfig: answering((request: pb.CheckRequest) => new pb.CheckResponse().setInputs(request.getNews())),
    configure: answering(async (request: pb.ConfigureRequest) => {
      sendsOldInputs = request.getSendsOldInputs() && request.getSendsOldInputsToDelete();
      await engine.log("").info(announcement);
      const response = new pb.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
      return response.setAcceptresources(true).setAcceptoutputs(true);
    }),
    invoke: answering((request: pb.InvokeRequest): pb.InvokeResponse => {
      throw new Failure(`${announcement}; it does not know ${request.getTok()}`, grpc.status.UNIMPLEMENTED);
    }),
    check: answering((request: pb.CheckRequest) => {
      const { inputs, failures } = check(parsed(request.getUrn()).resource, properties(request.getNews()));
      const response = new pb.CheckResponse().setInputs(struct(inputs));
      const faults = failures.map((f) => new pb.CheckFailure().setProperty(f.property).setReason(f.reason));
      return response.setFailuresList(faults);
    }),
    diff: answering((request) => diffResponse(parsed(request.getUrn()).resource, request, sendsOldInputs)),
    create: answering((request: pb.CreateRequest) =>
      operations.run(request.getTimeout(), async (signal) => {
        const op = operation(request.getUrn(), request.getPreview(), signal);
        const state = await lifecycle.create(op, properties(request.getProperties()));
        const id = lifecycle.newId(parsed(request.getUrn()).name);
        return new pb.CreateResponse().setId(id).setProperties(struct(state));
      }),
    ),
    read: answering((request: pb.ReadRequest) => {
      const op = operation(request.getUrn(), false, new AbortController().signal);
      const state = lifecycle.read(op, properties(request.getProperties()));
      const response = new pb.ReadResponse().setId(request.getId()).setProperties(struct(state));
      return response.setInputs(struct(properties(request.getInputs())));
    }),
    update: answering((request: pb.UpdateRequest) =>
      operations.run(request.getTimeout(), async (signal) => {
        const olds = properties(request.getOlds());
        const news = ignoring(properties(request.getNews()), olds, request.getIgnorechangesList());
        const op = operation(request.getUrn(), request.getPreview(), signal);
        return new pb.UpdateResponse().setProperties(struct(await lifecycle.update(op, news, olds)));
      }),
    ),
    delete: answering((request: pb.DeleteRequest) =>
      operations.run(request.getTimeout(), async (signal) => {
        await lifecycle.remove(operation(request.getUrn(), false, signal), properties(request.getProperties()));
        return new Empty();
      }),
    ),
    cancel: answering(() => {
      operations.cancel();
      return new Empty();
    }),
  };
  return { implementation, idle: () => operations.idle };
}
