/** Replays one case of a conformance table against a running plugin and gives the answer in the table's form. */
import * as provider from "@pulumi/pulumi/proto/provider_pb.js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type * as grpc from "@grpc/grpc-js";
import { ask, type RunningPlugin } from "./harness.js";
import { constants, Names } from "./names.js";
import { startAgent } from "./sshAgent.js";
import { startSshHost, type HostOptions } from "./sshHost.js";
import { identities } from "./sshIdentities.js";
import { fromWire, toWire, type Plain } from "./wire.js";

type Props = { [name: string]: Plain };

/** A request of the table. Which of the property bags a call reads is the protocol's matter (provider.proto). */
export interface Case {
  readonly it: string;
  readonly call: "check" | "diff" | "create" | "read" | "update" | "delete";
  readonly type?: string;
  /** New inputs (check, diff, create, update). */
  readonly news?: Props;
  /** The stored state (diff, read, update, delete), and the old inputs of check. */
  readonly olds?: Props;
  readonly oldInputs?: Props;
  readonly ignoreChanges?: string[];
  readonly preview?: boolean;
  readonly timeout?: number;
  /** What the engine says in Configure; engines since October 2023 send old inputs. */
  readonly sendsOldInputs?: boolean;
  readonly host?: HostOptions;
  /** Starts an agent: its socket is $AGENT, and SSH_AUTH_SOCK when `env`. */
  readonly agent?: "path" | "env";
  readonly agentHolds?: "client" | "stranger";
  /** What the official plugin answered. */
  readonly answer: Plain;
  /** Where the stand-in differs on purpose: its answer, and the reason. */
  readonly standIn?: Plain;
  readonly why?: string;
}

const struct = (value: Props | undefined): Struct => Struct.fromJavaScript(toWire(value ?? {}) as never);
const props = (value: Struct | undefined): Plain => (value === undefined ? null : fromWire(value.toJavaScript()));

async function send(plugin: RunningPlugin, c: Case, urn: string): Promise<Plain> {
  const { client } = plugin;
  const id = "job12345678";
  if (c.call === "check") {
    const request = new provider.CheckRequest().setUrn(urn).setOlds(struct(c.olds)).setNews(struct(c.news));
    const answer = await ask<typeof request, provider.CheckResponse>((q, done) => client.check(q, done), request);
    const failures = answer.getFailuresList().map((f) => ({ property: f.getProperty(), reason: f.getReason() }));
    failures.sort((a, b) => (a.property < b.property ? -1 : 1));
    return { inputs: props(answer.getInputs()), failures };
  }
  if (c.call === "diff") {
    const request = new provider.DiffRequest().setId(id).setUrn(urn);
    request.setOlds(struct(c.olds)).setNews(struct(c.news)).setOldInputs(struct(c.oldInputs));
    request.setIgnorechangesList(c.ignoreChanges ?? []);
    const answer = await ask<typeof request, provider.DiffResponse>((q, done) => client.diff(q, done), request);
    return diffAnswer(answer);
  }
  if (c.call === "create") {
    const request = new provider.CreateRequest().setUrn(urn).setProperties(struct(c.news));
    request.setPreview(c.preview ?? false).setTimeout(c.timeout ?? 0);
    const answer = await ask<typeof request, provider.CreateResponse>((q, done) => client.create(q, done), request);
    return { id: answer.getId().replace(/[0-9a-f]{8}$/, "$HEX"), properties: props(answer.getProperties()) };
  }
  if (c.call === "read") {
    const request = new provider.ReadRequest().setId(id).setUrn(urn);
    request.setProperties(struct(c.olds)).setInputs(struct(c.oldInputs));
    const answer = await ask<typeof request, provider.ReadResponse>((q, done) => client.read(q, done), request);
    return { id: answer.getId(), properties: props(answer.getProperties()), inputs: props(answer.getInputs()) };
  }
  if (c.call === "update") {
    const request = new provider.UpdateRequest()
      .setId(id)
      .setUrn(urn)
      .setPreview(c.preview ?? false);
    request.setOlds(struct(c.olds)).setNews(struct(c.news)).setOldInputs(struct(c.oldInputs));
    request.setIgnorechangesList(c.ignoreChanges ?? []).setTimeout(c.timeout ?? 0);
    const answer = await ask<typeof request, provider.UpdateResponse>((q, done) => client.update(q, done), request);
    return { properties: props(answer.getProperties()) };
  }
  const request = new provider.DeleteRequest()
    .setId(id)
    .setUrn(urn)
    .setTimeout(c.timeout ?? 0);
  request.setProperties(struct(c.olds)).setOldInputs(struct(c.oldInputs));
  await ask<typeof request, Empty>((q, done) => client.delete(q, done), request);
  return { deleted: true };
}

function diffAnswer(answer: provider.DiffResponse): Plain {
  const kinds = Object.entries(provider.PropertyDiff.Kind);
  const detail: [string, Plain][] = [...answer.getDetaileddiffMap().entries()].map(([path, d]) => [
    path,
    `${String(kinds.find(([, n]) => n === d.getKind())?.[0]).toLowerCase()}${d.getInputdiff() ? " (input)" : ""}`,
  ]);
  return {
    changes: ["unknown", "none", "some"][answer.getChanges()] ?? null,
    replaces: answer.getReplacesList().sort(),
    diffs: answer.getDiffsList().sort(),
    deleteBeforeReplace: answer.getDeletebeforereplace(),
    detailed: answer.getHasdetaileddiff() ? Object.fromEntries(detail.sort(([a], [b]) => (a < b ? -1 : 1))) : null,
  };
}

/** A connection that the other side closed ends as end of file or as a reset, as it happens. */
const withoutAccidents = (text: string): string =>
  text.replace(/(EOF|read( tcp \S+)?: (read: )?connection reset by peer)$/, "$LOST");

/** Starts what the case needs, sends its request, and returns answer, engine log and what the host saw. */
export async function replay(c: Case, start: (env: NodeJS.ProcessEnv) => Promise<RunningPlugin>): Promise<Plain> {
  const host = c.host === undefined ? undefined : await startSshHost(c.host);
  const agent = c.agent === undefined ? undefined : await startAgent(identities[c.agentHolds ?? "client"].private);
  const names = new Names(constants);
  if (host !== undefined) names.set("$PORT", host.port);
  if (agent !== undefined) names.set("$AGENT", agent.socket);
  const plugin = await start(c.agent === "env" ? { SSH_AUTH_SOCK: agent?.socket } : {});
  try {
    const configure = new provider.ConfigureRequest().setArgs(struct({})).setAcceptsecrets(true);
    configure.setSendsOldInputs(c.sendsOldInputs ?? true).setSendsOldInputsToDelete(c.sendsOldInputs ?? true);
    await ask<typeof configure, provider.ConfigureResponse>((q, done) => plugin.client.configure(q, done), configure);
    const from = plugin.logs.length;
    const filled = names.in(c as unknown as Plain) as unknown as Case;
    const urn = `urn:pulumi:test::p24::${c.type ?? "command:remote:Command"}::job`;
    const answer = await send(plugin, filled, urn).catch((err: unknown) => {
      const { details, code } = err as grpc.ServiceError;
      return { error: withoutAccidents(details), code };
    });
    const logs = plugin.logs.slice(from).map((l) => `${l.severity}${l.status ? " status" : ""}: ${l.message}`);
    return names.out({
      ...(answer as Props),
      ...(logs.length === 0 ? {} : { logs }),
      ...(host === undefined ? {} : { seen: host.seen as unknown as Plain, dials: host.dials.length }),
      ...(host === undefined || host.users.length === 0 ? {} : { users: host.users }),
    });
  } finally {
    await agent?.close();
    await host?.close();
  }
}
