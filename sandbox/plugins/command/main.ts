/** The command plugin's stand-in: the types that it has. */
import * as grpc from "@grpc/grpc-js";

import { Failure } from "../wire/failure.js";
import { announcementOf, type Plugin, type ResourceType } from "../wire/plugin.js";
import { serve } from "../wire/serve.js";
import { check } from "./check.js";
import { diff } from "./diff.js";
import * as lifecycle from "./lifecycle.js";
import { resources, type Resource } from "./shape.js";

const name = "command";

function typeOf(type: string): ResourceType {
  const resource = resources[type];
  if (resource !== undefined) return behaviour(resource);
  if (type === "command:remote:CopyToRemote" || type === "command:remote:CopyFile") {
    throw new Failure(`${announcementOf({ name })}; it does not know ${type}`, grpc.status.UNIMPLEMENTED);
  }
  throw new Failure(`Resource '${type.replace(/^command:/, "")}' not found`, grpc.status.NOT_FOUND);
}

function behaviour(resource: Resource): ResourceType {
  return {
    check: (news) => check(resource, news),
    diff: (compared) => ({ changes: diff(resource, compared), detailed: true }),
    create: async (op, inputs) => {
      const state = await lifecycle.create({ ...op, resource }, inputs);
      return { id: lifecycle.newId(op.name), state };
    },
    read: (_, stored) => Promise.resolve({ ...stored, state: lifecycle.read(resource, stored.state) }),
    update: (op, _, news, state) => lifecycle.update({ ...op, resource }, news, state),
    remove: (op, _, state) => lifecycle.remove({ ...op, resource }, state),
  };
}

serve({ name, version: "1.2.1", typeOf } satisfies Plugin);
