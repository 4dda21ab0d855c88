/**
 * Property values as this plugin keeps them. On the wire a secret or unknown value is an object or a string with an
 * agreed mark (Pulumi's sdk/go/common/resource/sig and .../plugin/rpc.go); here it is a `Marked`.
 */
export type Value = null | boolean | number | string | Value[] | Properties | Marked;
export interface Properties {
  [name: string]: Value;
}

/** A value that is secret, or unknown during a preview, or both. `value` means nothing while it is unknown. */
export class Marked {
  constructor(
    readonly value: Exclude<Value, Marked>,
    readonly secret: boolean,
    readonly unknown: boolean,
  ) {}
}

const mark = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";
const outputMark = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknownMarks = new Set([
  unknownString,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** An unknown value that is no secret. */
export const unknown = (): Marked => new Marked("", false, true);

/** `value`, which from now on is secret. */
export function secret(value: Value): Marked {
  return value instanceof Marked ? new Marked(value.value, true, value.unknown) : new Marked(value, true, false);
}

/** The value without its own marks; marks further inside stay. */
export function bare(value: Value): Exclude<Value, Marked> {
  return value instanceof Marked ? value.value : value;
}

/** Whether a value is an object with names, as against a list or a scalar. */
export function isProperties(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Marked);
}

export const isUnknown = (value: Value | undefined): boolean => value instanceof Marked && value.unknown;

/** Whether a value keeps the engine from printing it. */
export const isSecret = (value: Value | undefined): boolean => value instanceof Marked && value.secret;

/** From the wire. Names whose value is null are dropped, as the official plugin does; nulls in lists stay. */
export function fromWire(wire: unknown): Value {
  if (typeof wire === "string") return unknownMarks.has(wire) ? unknown() : wire;
  if (typeof wire === "number" || typeof wire === "boolean") return wire;
  if (Array.isArray(wire)) return wire.map(fromWire);
  if (typeof wire !== "object" || wire === null) return null;
  const fields = wire as Record<string, unknown>;
  if (fields[mark] === secretMark) return secret(fromWire(fields["value"]));
  if (fields[mark] === outputMark) {
    const value = "value" in fields ? fromWire(fields["value"]) : unknown();
    return fields["secret"] === true ? secret(value) : value;
  }
  return propertiesFromWire(fields);
}

/** From the wire, for a whole property bag. */
export function propertiesFromWire(fields: object): Properties {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, fromWire(value)]),
  );
}

/** To the wire: a value that is both secret and unknown becomes an output value, as the official plugin sends it. */
export function toWire(value: Value): unknown {
  if (value instanceof Marked) {
    if (value.unknown) return value.secret ? { [mark]: outputMark, secret: true } : unknownString;
    return { [mark]: secretMark, value: toWire(value.value) };
  }
  if (Array.isArray(value)) return value.map(toWire);
  if (!isProperties(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toWire(inner)]));
}

/** Whether two values are the same, marks included. */
export function same(a: Value, b: Value): boolean {
  if (a instanceof Marked || b instanceof Marked) {
    if (!(a instanceof Marked && b instanceof Marked)) return false;
    return a.secret === b.secret && a.unknown === b.unknown && (a.unknown || same(a.value, b.value));
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => same(item, b[i] ?? null));
  }
  if (isProperties(a) && isProperties(b)) {
    const fields = Object.entries(a);
    if (fields.length !== Object.keys(b).length) return false;
    return fields.every(([name, value]) => name in b && same(value, b[name] ?? null));
  }
  return a === b;
}
