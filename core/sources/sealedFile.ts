import { isMap, isScalar, isSeq, parseDocument } from "yaml";

/** One value of a sops file as it lies in git. */
export interface SealedValue {
  /** Its key; of a nested value the keys on the way to it, with dots. */
  readonly key: string;
  /** What sops binds the ciphertext to: the keys on the way, lists not counted, each with a colon behind it. */
  readonly boundTo: string;
  readonly text: string;
}

/** A sops file taken apart, nested or flat, encrypted or not. */
export interface SealedFile {
  readonly values: readonly SealedValue[];
  /** Recipient to the data key as encrypted to it. */
  readonly wrapped: ReadonlyMap<string, string>;
}

/** Takes any version of a source apart, also one that the program would refuse today. `undefined`: no YAML with keys. */
export function readSealedFile(text: string): SealedFile | undefined {
  const document = parseDocument(text, { logLevel: "silent" });
  const root = document.contents;
  if (!isMap(root) || document.errors.length > 0) {
    return undefined;
  }
  const metadata: unknown = root.get("sops");
  const pairs = root.items.filter(({ key }) => nameOf(key) !== "sops");
  return {
    values: pairs.flatMap(({ key, value }) => valuesBelow(value, nameOf(key), `${nameOf(key)}:`)),
    wrapped: isMap(metadata) ? wrappedIn(metadata.toJSON() as Metadata) : new Map(),
  };
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : "";
}

function valuesBelow(node: unknown, key: string, boundTo: string): SealedValue[] {
  if (isMap(node)) {
    return node.items.flatMap((pair) => {
      const name = nameOf(pair.key);
      return valuesBelow(pair.value, `${key}.${name}`, `${boundTo}${name}:`);
    });
  }
  if (isSeq(node)) {
    return node.items.flatMap((item, index) => valuesBelow(item, `${key}.${String(index)}`, boundTo));
  }
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value === "string") {
    return value === "" ? [] : [{ key, boundTo, text: value }];
  }
  return typeof value === "number" || typeof value === "boolean" ? [{ key, boundTo, text: String(value) }] : [];
}

/** getsops/sops, `stores/stores.go`: with more than one group of recipients the groups stand below `key_groups`. */
interface Metadata {
  readonly age?: unknown;
  readonly key_groups?: unknown;
}

function wrappedIn({ age, key_groups }: Metadata): Map<string, string> {
  const groups = Array.isArray(key_groups) ? (key_groups as (Metadata | null)[]) : [];
  const entries = [age, ...groups.map((group) => group?.age)].flatMap(listed);
  const wrapped = new Map<string, string>();
  for (const entry of entries) {
    if (typeof entry?.recipient === "string" && typeof entry.enc === "string") {
      wrapped.set(entry.recipient, entry.enc);
    }
  }
  return wrapped;
}

function listed(list: unknown): ({ readonly recipient?: unknown; readonly enc?: unknown } | null)[] {
  return Array.isArray(list) ? (list as ({ recipient?: unknown; enc?: unknown } | null)[]) : [];
}
