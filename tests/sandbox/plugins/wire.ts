/**
 * Property values as the tables write them, and as they go over the wire. A table writes `{$secret: V}` for a
 * secret, `{$unknown: string}` for a value that a preview cannot know, and `{$output: V, secret: B}` for an output
 * value (without `$output`'s value it is unknown). Source of the marks: Pulumi's sdk/go/common/resource/sig and
 * sdk/go/common/resource/plugin/rpc.go.
 */
export type Plain = null | boolean | number | string | Plain[] | { [name: string]: Plain };

const mark = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";
const outputMark = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknowns = new Map<unknown, string>(
  Object.entries({
    string: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    bool: "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    number: "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    array: "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    object: "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
  }),
);
const unknownNames = new Map([...unknowns].map(([name, id]) => [id, String(name)]));

/** From the table's form to the wire's. */
export function toWire(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(toWire);
  if (value === null || typeof value !== "object") return value;
  if ("$secret" in value) return { [mark]: secretMark, value: toWire(value["$secret"]) };
  if ("$unknown" in value) return unknowns.get(value["$unknown"]) ?? null;
  if ("$output" in value) {
    const { $output, ...rest } = value;
    return { [mark]: outputMark, ...($output === null ? {} : { value: toWire($output) }), ...rest };
  }
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, toWire(v)]));
}

/** From the wire's form to the table's; names are sorted, so that answers compare by content. */
export function fromWire(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value === "string") {
    const name = unknownNames.get(value);
    return name === undefined ? value : { $unknown: name };
  }
  if (value === null || typeof value !== "object") return value;
  if (value[mark] === secretMark) return { $secret: fromWire(value["value"] ?? null) };
  if (value[mark] === outputMark) {
    const rest = Object.entries(value).filter(([name]) => name !== mark && name !== "value");
    return { $output: fromWire(value["value"] ?? null), ...Object.fromEntries(rest) };
  }
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, inner]) => [name, fromWire(inner)]));
}
