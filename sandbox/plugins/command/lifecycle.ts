/** Create, update, delete and read of both resources: which command runs when, and which state comes out. */
import { randomBytes } from "node:crypto";
import { Failure } from "../wire/failure.js";
import type { Operation as PluginOperation } from "../wire/plugin.js";
import { faultsOf, summary } from "./fit.js";
import type * as local from "./local.js";
import { bare, isProperties, isUnknown, same, unknown, type Properties, type Value } from "../wire/property.js";
import type * as remote from "./remote.js";
import type { Output, Run } from "./run.js";
import type { Resource } from "./shape.js";

/** Everything an operation needs besides its properties. */
export interface Operation extends PluginOperation {
  readonly resource: Resource;
}

/** Properties without any mark. What is unknown counts as absent: commands run only when everything is known. */
function plain(properties: Properties): Record<string, unknown> {
  const strip = (value: Value): unknown => {
    const inner = bare(value);
    if (Array.isArray(inner)) return inner.map(strip);
    return isProperties(inner) ? plain(inner) : inner;
  };
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, value]) => !isUnknown(value))
      .map(([name, value]) => [name, strip(value)]),
  );
}

async function execute(op: Operation, command: string, inputs: Properties, previous: Output): Promise<Output> {
  const run: Run = { command, inputs: plain(inputs), previous, log: op.log, signal: op.signal };
  // Loaded with the first command, because a preview runs none and ssh2 takes long to load.
  if (op.type === "command:remote:Command") return (require("./remote.js") as typeof remote).runRemote(run);
  return (require("./local.js") as typeof local).runLocal(run);
}

function mustFit(values: Properties, shape: Resource["state"], before = ""): void {
  const faults = faultsOf(values, shape);
  if (faults.length > 0) throw new Failure(`${before}${summary(faults)}`);
}

const text = (value: Value | undefined): string | undefined => {
  const inner = bare(value ?? null);
  return typeof inner === "string" ? inner : undefined;
};

const outputOf = (state: Properties): Output => ({
  stdout: text(state["stdout"]) ?? "",
  stderr: text(state["stderr"]) ?? "",
});

/** The id of a new resource: its name and eight random hexadecimal digits. */
export const newId = (name: string): string => `${name}${randomBytes(4).toString("hex")}`;

/** Runs `create`, if set. In a preview nothing runs, and the output is unknown. */
export async function create(op: Operation, inputs: Properties): Promise<Properties> {
  mustFit(inputs, op.resource.inputs, "invalid inputs: ");
  if (op.preview) return { ...inputs, stdout: unknown(), stderr: unknown() };
  const command = text(inputs["create"]);
  const none = { stdout: "", stderr: "" };
  return { ...inputs, ...(command === undefined ? none : await execute(op, command, inputs, none)) };
}

/** Whether the output may change with these inputs: one that was in the state differs or is gone, or one is unknown. */
function affectsOutput(op: Operation, inputs: Properties, state: Properties): boolean {
  return op.resource.inputs.fields.some(({ name }) => {
    const now = inputs[name] ?? null;
    return isUnknown(now) || (name in state && !same(now, state[name] ?? null));
  });
}

/** Runs `update` if set, else `create` again. With neither the output stays. */
export async function update(op: Operation, inputs: Properties, state: Properties): Promise<Properties> {
  mustFit(state, op.resource.state);
  mustFit(inputs, op.resource.inputs);
  const before = outputOf(state);
  if (op.preview) {
    return { ...inputs, ...(affectsOutput(op, inputs, state) ? { stdout: unknown(), stderr: unknown() } : before) };
  }
  const command = text(inputs["update"]) ?? text(inputs["create"]);
  return { ...inputs, ...(command === undefined ? before : await execute(op, command, inputs, before)) };
}

/** Runs `delete`, if set, with the stored inputs: the program's current ones play no part. */
export async function remove(op: Operation, state: Properties): Promise<void> {
  mustFit(state, op.resource.state);
  const command = text(state["delete"]);
  if (command !== undefined) await execute(op, command, state, outputOf(state));
}

/** There is nothing to read: the answer is what is stored, so a change on the host is never seen. */
export function read(resource: Resource, state: Properties): Properties {
  const faults = faultsOf(state, resource.state, true);
  if (faults.length > 0) throw new Failure(summary(faults));
  return state;
}
