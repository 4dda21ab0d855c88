/**
 * Whether values fit a shape, in the words of the official plugin (Pulumi's sdk/go/common/util/mapper). The messages
 * name fields and types and never repeat a value.
 */
import type { Fault } from "../wire/plugin.js";
import { isProperties, isUnknown, bare, type Properties, type Value } from "../wire/property.js";
import { isShape, type Shape, type Type } from "./shape.js";

const fullName = (shape: Shape): string => `${shape.module}.${shape.name}`;

function typeName(type: Type): string {
  if (typeof type === "string") return type === "any" ? "interface {}" : type;
  if ("named" in type) return type.named;
  if ("list" in type) return `[]${typeName(type.list)}`;
  if ("values" in type) return `map[string]${typeName(type.values)}`;
  return fullName(type);
}

function nameOf(value: Value): string {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "float64";
  if (Array.isArray(value)) return "[]interface {}";
  return isProperties(value) ? "map[string]interface {}" : "string";
}

function fitsScalar(value: Value, type: Type): boolean {
  if (type === "any") return true;
  if (type === "bool") return typeof value === "boolean";
  if (type === "int" || type === "float64") return typeof value === "number";
  return typeof value === "string" && (type === "string" || (typeof type === "object" && "named" in type));
}

/** The first fault of `value` as field `path` of `owner`, or undefined when it fits. Unknown values always fit. */
function faultOf(marked: Value, type: Type, owner: Shape, path: string): Fault | undefined {
  if (isUnknown(marked)) return undefined;
  const value = bare(marked);
  const within = (text: string): Fault => ({
    property: path,
    reason: `An error occurred decoding '${owner.name}.${path}': ${text}`,
  });
  if (typeof type === "object") {
    if ("list" in type && Array.isArray(value)) {
      return first(value.map((item, i) => () => faultOf(item, type.list, owner, `${path}[${String(i)}]`)));
    }
    if ("values" in type && isProperties(value)) {
      const items = Object.entries(value);
      return first(
        items.map(
          ([name, item]) =>
            () =>
              faultOf(item, type.values, owner, `${path}[${name}] value`),
        ),
      );
    }
    if (isShape(type) && isProperties(value)) {
      const inner = faultsOf(value, type);
      return inner.length === 0 ? undefined : within(summary(inner));
    }
  }
  if (fitsScalar(value, type)) return undefined;
  if (isProperties(value)) {
    return within(`Cannot decode Object{} to type ${typeName(type)}; it isn't a struct, and no custom decoder exists`);
  }
  const reason = `Field '${path}' on '${fullName(owner)}' must be a '${typeName(type)}'; got '${nameOf(value)}' instead`;
  return { property: path, reason };
}

function first(checks: (() => Fault | undefined)[]): Fault | undefined {
  for (const check of checks) {
    const fault = check();
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** All faults of `values` against `shape`: wrong types, missing fields, and fields that it does not have. */
export function faultsOf(values: Properties, shape: Shape, tolerateMissing = false): Fault[] {
  const faults: Fault[] = [];
  for (const { name, type, optional } of shape.fields) {
    const value = values[name];
    if (value !== undefined && bare(value) !== null) {
      const fault = faultOf(value, type, shape, name);
      if (fault !== undefined) faults.push(fault);
    } else if (!optional && !tolerateMissing && !isUnknown(value)) {
      faults.push({ property: name, reason: `Missing required field '${name}' on '${fullName(shape)}'` });
    }
  }
  const known = new Set(shape.fields.map((field) => field.name));
  for (const name of Object.keys(values).filter((n) => !known.has(n))) {
    faults.push({ property: name, reason: `Unrecognized field '${name}' on '${fullName(shape)}'` });
  }
  return faults;
}

/** Faults as one text. */
export function summary(faults: readonly Fault[]): string {
  return `${String(faults.length)} failures decoding:${faults.map((f) => `\n\t${f.property}: ${f.reason}`).join("")}`;
}
