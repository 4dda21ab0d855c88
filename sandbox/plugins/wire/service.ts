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
import { ignoring } from "./changes.js";
import type { Engine } from "./engine.js";
import { Failure } from "./failure.js";
import { announcementOf, type Difference, type Operation, type Plugin } from "./plugin.js";
import { propertiesFromWire, toWire, type Properties } from "./property.js";

const properties = (struct: Struct | undefined): Properties => propertiesFromWire(struct?.toJavaScript() ?? {});
const struct = (values: Properties): Struct => Struct.fromJavaScript(toWire(values) as never);

/** Type and name of a resource by its URN: `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`. */
function parsed(urn: string): { type: string; name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
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

function answering<Q, A>(plugin: string, work: (request: Q) => A | Promise<A>): Handler<Q, A> {
  return (call, done) => {
    void (async () => work(call.request))().then(
      (answer) => {
        done(null, answer);
      },
      (err: unknown) => {
        if (err instanceof Failure) done({ code: err.code, details: err.message });
        else
          done({ code: grpc.status.INTERNAL, details: `${plugin} plugin: unexpected ${nameOf(err)} in the stand-in` });
      },
    );
  };
}

function diffResponse({ changes, detailed }: Difference): pb.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
  const response = new pb.DiffResponse().setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setHasdetaileddiff(detailed);
  response.setDiffsList([...new Set(changes.map((c) => c.input))]);
  response.setReplacesList([...new Set(changes.filter((c) => c.replace).map((c) => c.input))]);
  if (!detailed) return response;
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
export function service(
  plugin: Plugin,
  engine: Engine,
): { implementation: Partial<IResourceProviderServer>; idle: () => boolean } {
  const operations = new Operations();
  const announcement = announcementOf(plugin);
  let sendsOldInputs = false;
  const { version } = plugin;
  const answer = <Q, A>(work: (request: Q) => A | Promise<A>) => answering(plugin.name, work);
  const of = (request: { getUrn(): string }) => plugin.typeOf(parsed(request.getUrn()).type);
  const operation = (urn: string, preview: boolean, signal: AbortSignal): Operation => {
    return { ...parsed(urn), log: engine.log(urn), signal, preview };
  };
  const implementation: Partial<IResourceProviderServer> = {
    getPluginInfo: answer(() => new PluginInfo().setVersion(version)),
    getSchema: answer(() => {
      const schema = { name: plugin.name, version, description: announcement };
      return new pb.GetSchemaResponse().setSchema(JSON.stringify(schema));
    }),
    attach: answer((request) => {
      engine.attach(request.getAddress());
      return new Empty();
    }),
    checkConfig: answer((request: pb.CheckRequest) => new pb.CheckResponse().setInputs(request.getNews())),
    configure: answer(async (request: pb.ConfigureRequest) => {
      sendsOldInputs = request.getSendsOldInputs() && request.getSendsOldInputsToDelete();
      await engine.log("").info(announcement);
      const response = new pb.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
      return response.setAcceptresources(true).setAcceptoutputs(true);
    }),
    invoke: answer((request: pb.InvokeRequest): pb.InvokeResponse => {
      throw new Failure(`${announcement}; it does not know ${request.getTok()}`, grpc.status.UNIMPLEMENTED);
    }),
    check: answer((request: pb.CheckRequest) => {
      const { inputs, failures } = of(request).check(properties(request.getNews()));
      const response = new pb.CheckResponse().setInputs(struct(inputs));
      const faults = failures.map((f) => new pb.CheckFailure().setProperty(f.property).setReason(f.reason));
      return response.setFailuresList(faults);
    }),
    diff: answer((request: pb.DiffRequest) =>
      diffResponse(
        of(request).diff({
          state: properties(request.getOlds()),
          oldInputs: sendsOldInputs ? properties(request.getOldInputs()) : undefined,
          news: properties(request.getNews()),
          ignored: request.getIgnorechangesList(),
        }),
      ),
    ),
    create: answer((request: pb.CreateRequest) =>
      operations.run(request.getTimeout(), async (signal) => {
        const op = operation(request.getUrn(), request.getPreview(), signal);
        const { id, state } = await of(request).create(op, properties(request.getProperties()));
        return new pb.CreateResponse().setId(id).setProperties(struct(state));
      }),
    ),
    read: answer(async (request: pb.ReadRequest) => {
      const op = operation(request.getUrn(), false, new AbortController().signal);
      const stored = {
        id: request.getId(),
        state: properties(request.getProperties()),
        inputs: properties(request.getInputs()),
      };
      const read = await of(request).read(op, stored);
      if (read === undefined) return new pb.ReadResponse().setProperties(struct({})).setInputs(struct({}));
      const response = new pb.ReadResponse().setId(read.id).setProperties(struct(read.state));
      return response.setInputs(struct(read.inputs));
    }),
    update: answer((request: pb.UpdateRequest) =>
      operations.run(request.getTimeout(), async (signal) => {
        const olds = properties(request.getOlds());
        const news = ignoring(properties(request.getNews()), olds, request.getIgnorechangesList());
        const op = operation(request.getUrn(), request.getPreview(), signal);
        const state = await of(request).update(op, request.getId(), news, olds);
        return new pb.UpdateResponse().setProperties(struct(state));
      }),
    ),
    delete: answer((request: pb.DeleteRequest) =>
      operations.run(request.getTimeout(), async (signal) => {
        const op = operation(request.getUrn(), false, signal);
        await of(request).remove(op, request.getId(), properties(request.getProperties()));
        return new Empty();
      }),
    ),
    cancel: answer(() => {
      operations.cancel();
      return new Empty();
    }),
  };
  return { implementation, idle: () => operations.idle };
}
