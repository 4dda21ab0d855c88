import { isScalar, parseDocument, type Scalar, visit } from "yaml";

/**
 * Puts a value behind an anchor of a YAML text: `- &vps_i1 age1…`. Everything else stays as it is, byte for byte: comments,
 * line ends, order. `undefined` when the text has no such anchor.
 */
export function withAnchored(text: string, anchor: string, value: string): string | undefined {
  let found: Scalar | undefined;
  visit(parseDocument(text), {
    Scalar: (_, node) => {
      found = node.anchor === anchor ? node : found;
    },
  });
  return splice(text, found, value);
}

/** Puts a value at a path of maps: `["config", "p24-infra:hosts", "vps-i1", "hostKey"]`. As {@link withAnchored} otherwise. */
export function withValueAt(text: string, path: readonly string[], value: string): string | undefined {
  const node = parseDocument(text).getIn(path, true);
  return splice(text, isScalar(node) ? node : undefined, value);
}

/** Plain where YAML reads it back as the same string, else in double quotes. */
function splice(text: string, node: Scalar | undefined, value: string): string | undefined {
  if (node?.range === undefined || node.range === null) {
    return undefined;
  }
  const [start, end] = node.range;
  const isPlain =
    /^[A-Za-z][A-Za-z0-9+/=-]*(?: [A-Za-z0-9+/=-]+)*$/.test(value) && !/^(?:true|false|null)$/i.test(value);
  return `${text.slice(0, start)}${isPlain ? value : JSON.stringify(value)}${text.slice(end)}`;
}
