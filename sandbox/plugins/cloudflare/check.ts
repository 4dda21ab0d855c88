/** Check: required inputs, types, and what is secret from here on. The reasons are worded as the official plugin's. */
import { Failure } from "../wire/failure.js";
import type { Checked } from "../wire/plugin.js";
import { bare, isProperties, isUnknown, type Properties, secret, type Value } from "../wire/property.js";
import type { Shape, Type } from "./shape.js";

export function check(shape: Shape, news: Properties): Checked {
  const failures = shape.inputs.flatMap(({ name, type, description }) => {
    const value = news[name];
    if (value !== undefined && bare(value) !== null) {
      mustFit(name, value, type);
      return [];
    }
    const reason = `Missing required property '${name}': ${description ?? ""}`;
    return description === undefined || isUnknown(value) ? [] : [{ property: "", reason }];
  });
  return { inputs: withSecrets(news), failures };
}

/** The official plugin's sentence goes on with the value; this one shows none. */
function mustFit(name: string, marked: Value, type: Type): void {
  const value = bare(marked);
  const fits =
    type === "list" ? Array.isArray(value) : type === "object" ? isProperties(value) : typeof value === TYPES[type];
  if (fits || isUnknown(marked)) return;
  const before = "cannot encode resource inputs to call ValidateResourceConfig: objectEncoder failed on property";
  throw new Failure(`${before} "${name}": Expected a ${type}`);
}

const TYPES = { bool: "boolean", string: "string" } as const;

/** The texts of bindings are secret for the provider, whatever their type is. */
export function withSecrets(values: Properties): Properties {
  const bindings = values["bindings"];
  if (!Array.isArray(bindings)) return values;
  const hidden = bindings.map((binding) =>
    isProperties(binding) && binding["text"] !== undefined ? { ...binding, text: secret(binding["text"]) } : binding,
  );
  return { ...values, bindings: hidden };
}
