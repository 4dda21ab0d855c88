/** Requests of the conformance tables over the plugin protocol, and answers in the tables' form. */
import * as provider from "@pulumi/pulumi/proto/provider_pb.js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { ask, type RunningPlugin } from "./harness.js";
import { fromWire, toWire, type Plain } from "./wire.js";

type Props = { [name: string]: Plain };

/** A request of a table. Which of the property bags a call reads is the protocol's matter (provider.proto). */
export interface Request {
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
  /** The resource's id, for diff, read, update and delete. */
  readonly id?: string;
}

export const struct = (value: Props | undefined): Struct => Struct.fromJavaScript(toWire(value ?? {}) as never);
const props = (value: Struct | undefined): Plain => (value === undefined ? null : fromWire(value.toJavaScript()));

/** Sends a request to a running plugin and gives the answer in the form of the tables. */
export async function send(plugin: RunningPlugin, c: Request, urn: string): Promise<Plain> {
  const { client } = plugin;
  const id = c.id ?? "job12345678";
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
    return { id: answer.getId(), properties: props(answer.getProperties()) };
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
