/**
 * The fields of the two resources: names, types, defaults, and what is secret, as pulumi-command 1.2.1 declares them.
 * The order within a shape is the order in which the official plugin reports faults, and the names of the types are
 * the ones that its messages use.
 */
import { isProperties, isSecret, Marked, secret, type Properties, type Value } from "../wire/property.js";

export type Type = "string" | "bool" | "int" | "float64" | "any" | { named: string } | List | Dictionary | Shape;
export interface List {
  readonly list: Type;
}
export interface Dictionary {
  readonly values: Type;
}

/** One field of a shape; `fallback` is the default that check fills in. */
export interface Field {
  readonly name: string;
  readonly type: Type;
  readonly optional: boolean;
  readonly secret: boolean;
  readonly fallback?: string | number;
}
export interface Shape {
  readonly module: "remote" | "local";
  readonly name: string;
  readonly fields: readonly Field[];
}

const optional = (name: string, type: Type, fallback?: string | number): Field => ({
  name,
  type,
  optional: true,
  secret: false,
  ...(fallback === undefined ? {} : { fallback }),
});
const required = (name: string, type: Type): Field => ({ name, type, optional: false, secret: false });
const hidden = (field: Field): Field => ({ ...field, secret: true });

const login: readonly Field[] = [
  optional("user", "string", "root"),
  hidden(optional("password", "string")),
  required("host", "string"),
  optional("port", "float64", 22),
  hidden(optional("privateKey", "string")),
  hidden(optional("privateKeyPassword", "string")),
  optional("agentSocketPath", "string"),
  optional("dialErrorLimit", "int", 10),
  optional("perDialTimeout", "int", 15),
  optional("hostKey", "string"),
];
const proxy: Shape = { module: "remote", name: "ProxyConnection", fields: login };
const connection: Shape = { module: "remote", name: "Connection", fields: [optional("proxy", proxy), ...login] };

const texts: List = { list: "string" };
const lifecycle: readonly Field[] = [
  optional("triggers", { list: "any" }),
  optional("create", "string"),
  optional("update", "string"),
  optional("delete", "string"),
];
const remoteInputs: readonly Field[] = [
  optional("stdin", "string"),
  optional("logging", { named: "remote.Logging" }),
  hidden(required("connection", connection)),
  optional("environment", { values: "string" }),
  optional("addPreviousOutputInEnv", "bool"),
];
const localInputs: readonly Field[] = [
  optional("stdin", "string"),
  optional("logging", { named: "local.Logging" }),
  optional("interpreter", texts),
  optional("dir", "string"),
  optional("environment", { values: "string" }),
  optional("assetPaths", texts),
  optional("archivePaths", texts),
  optional("addPreviousOutputInEnv", "bool"),
];
const outputs: readonly Field[] = [required("stdout", "string"), required("stderr", "string")];
const files: readonly Field[] = [optional("assets", "any"), optional("archive", "any")];

/** What a resource takes and what its state holds. */
export interface Resource {
  readonly inputs: Shape;
  readonly state: Shape;
}

/** The resources of this plugin by type. */
export const resources: Readonly<Record<string, Resource>> = {
  "command:remote:Command": {
    inputs: { module: "remote", name: "CommandInputs", fields: [...remoteInputs, ...lifecycle] },
    state: { module: "remote", name: "CommandOutputs", fields: [...remoteInputs, ...outputs, ...lifecycle] },
  },
  "command:local:Command": {
    inputs: { module: "local", name: "CommandInputs", fields: [...lifecycle, ...localInputs] },
    state: { module: "local", name: "CommandOutputs", fields: [...outputs, ...files, ...lifecycle, ...localInputs] },
  },
};

export const isShape = (type: Type): type is Shape => typeof type === "object" && "fields" in type;

/** Marks what a shape declares secret. Works on values that do not fit the shape, too: those must not leak either. */
export function withSecrets(value: Value, type: Type): Value {
  if (value instanceof Marked) {
    const inner = withSecrets(value.value, type);
    const marked = new Marked(inner instanceof Marked ? inner.value : inner, value.secret, value.unknown);
    return isSecret(inner) ? secret(marked) : marked;
  }
  if (!isShape(type) || !isProperties(value)) return value;
  const result: Properties = { ...value };
  for (const field of type.fields) {
    const own = value[field.name];
    if (own === undefined) continue;
    const inner = withSecrets(own, field.type);
    result[field.name] = field.secret ? secret(inner) : inner;
  }
  return result;
}
