/** Check: do the inputs fit, which defaults are filled in, and what is secret from here on. */
import type { Checked } from "../wire/plugin.js";
import { faultsOf } from "./fit.js";
import { bare, isProperties, isUnknown, Marked, type Properties, type Value } from "../wire/property.js";
import { isShape, withSecrets, type Resource, type Shape, type Type } from "./shape.js";

/** Stands for a value that is secret and not known yet: the official plugin puts the type's zero value there. */
function zero(type: Type): Exclude<Value, Marked> {
  if (typeof type === "string") return { string: "", bool: false, int: 0, float64: 0, any: null }[type];
  if ("named" in type) return "";
  if ("list" in type) return [];
  if ("values" in type) return {};
  return Object.fromEntries(type.fields.filter((f) => !f.optional).map((f) => [f.name, zero(f.type)]));
}

function normalized(value: Value, type: Type): Value {
  if (value instanceof Marked) {
    if (value.unknown && !value.secret) return value;
    const inner = normalized(value.unknown ? zero(type) : value.value, type);
    return new Marked(bare(inner), value.secret, false);
  }
  if (type === "int") return typeof value === "number" ? Math.trunc(value) : value;
  if (Array.isArray(value) && typeof type === "object" && "list" in type) {
    return value.map((item) => normalized(item, type.list));
  }
  if (!isProperties(value) || typeof type === "string") return value;
  if ("values" in type) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, normalized(item, type.values)]));
  }
  return isShape(type) ? filled(value, type) : value;
}

/** `values` with the shape's defaults, inside nested shapes, too. */
function filled(values: Properties, shape: Shape): Properties {
  const result: Properties = {};
  for (const { name, type, fallback } of shape.fields) {
    const value = values[name];
    if (value !== undefined && (isUnknown(value) || bare(value) !== null)) result[name] = normalized(value, type);
    else if (fallback !== undefined) result[name] = fallback;
  }
  return result;
}

/** Whether a value holds login data, or a field that nobody knows: a mistyped `privateKey` is one of those. */
function holdsLogin(value: Value | undefined, shape: Shape): boolean {
  if (value === undefined) return false;
  const fields = bare(value);
  if (!isProperties(fields)) return true;
  return Object.keys(fields).some((name) => {
    const field = shape.fields.find((f) => f.name === name);
    return field === undefined || field.secret || (isShape(field.type) && holdsLogin(fields[name], field.type));
  });
}

/**
 * Checks the inputs of a resource. The engine prints the value of the property that a fault names, so with the official
 * plugin the whole connection is shown. Here a fault in a connection that holds login data names no property: this is
 * the one difference, and the reason names the field all the same.
 */
export function check(resource: Resource, news: Properties): Checked {
  const faults = faultsOf(news, resource.inputs);
  if (faults.length === 0) {
    return { inputs: withSecrets(filled(news, resource.inputs), resource.inputs) as Properties, failures: [] };
  }
  const failures = faults.map((fault) => {
    const field = resource.inputs.fields.find((f) => f.name === fault.property);
    if (field === undefined || !isShape(field.type) || !holdsLogin(news[field.name], field.type)) return fault;
    return { ...fault, property: "" };
  });
  return { inputs: withSecrets(news, resource.inputs) as Properties, failures };
}
