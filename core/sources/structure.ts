import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Pair, type YAMLMap } from "yaml";

import { type Fault, FaultsError } from "../fault.js";
import { NOT_OF_AGE, OF_AGE, OTHER_SERVICES } from "./metadata.mjs";

/** What can be known of a source without opening it: its keys and who can open it. */
export interface SourceStructure {
  readonly keys: readonly string[];
  readonly recipients: ReadonlySet<string>;
}

/** sops's form of one value: getsops/sops, `aes/cipher.go`. */
const ENCRYPTED =
  /^ENC\[AES256_GCM,data:[A-Za-z0-9+/]+={0,2},iv:[A-Za-z0-9+/]+={0,2},tag:[A-Za-z0-9+/]+={0,2},type:([a-z]+)\]$/;

/** What git leaves in a file that two branches changed. */
const CONFLICT = /^(?:<{7}|>{7}) /m;

/**
 * Checks a source file as it lies in git, without any identity: flat, every value an encrypted string, metadata and MAC
 * present. Throws a FaultsError with all faults; `path` is the file's path from the repository's root. The hook says the
 * same of what is staged, faster and with less YAML (guard/rules/sources.mjs); a change here is one there.
 */
export function readStructure(text: string, path: string): SourceStructure {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (CONFLICT.test(text)) {
    throw new FaultsError([
      {
        where: path,
        what: "has the conflict markers of a merge",
        repair: `git checkout --ours ${path}, then enter the other side's values with sops edit ${path}`,
      },
    ]);
  }
  const twice = document.errors.filter(({ code }) => code === "DUPLICATE_KEY");
  const at = (error: { pos: [number, number] }) => `${path}:${String(lines.linePos(error.pos[0]).line)}`;
  if (twice.length > 0) {
    const repair = `sops edit ${path} and keep one`;
    throw new FaultsError(twice.map((error) => ({ where: at(error), what: "has a key twice", repair })));
  }
  const [error] = document.errors;
  if (error !== undefined) {
    throw new FaultsError([{ where: at(error), what: "is not valid YAML", repair: `git restore ${path}` }]);
  }
  const root = document.contents;
  if (!isMap(root)) {
    throw new FaultsError([{ where: path, what: "holds no keys", repair: `git restore ${path}` }]);
  }
  const metadata = root.get("sops");
  if (!isMap(metadata)) {
    throw new FaultsError([notEncrypted(text, path)]);
  }
  const pairs = root.items.filter((pair) => keyOf(pair) !== "sops");
  const faults = [
    ...pairs.flatMap((pair) => valueFault(pair, path)),
    ...metadataFaults(metadata, path),
    ...serviceFaults(metadata, path),
  ];
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
  return { keys: pairs.map(keyOf), recipients: ageRecipients(metadata) };
}

function notEncrypted(text: string, path: string): Fault {
  return /^# TEMPLATE\b/m.test(text)
    ? {
        where: path,
        what: "still is the template",
        repair: `fill its values in and encrypt it: sops encrypt --in-place ${path}, then sops edit ${path}`,
      }
    : {
        where: path,
        what: "is not encrypted",
        repair: `sops encrypt --in-place ${path}, and rotate every value that was committed in clear`,
      };
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : "";
}

function valueFault(pair: Pair, path: string): Fault[] {
  const what = valueProblem(pair);
  return what === undefined ? [] : [{ where: path, name: keyOf(pair), what, repair: `sops edit ${path}` }];
}

function valueProblem(pair: Pair): string | undefined {
  if (!isScalar(pair.value)) {
    return "is nested: sources are flat, one quoted string a key";
  }
  const value = pair.value.value;
  if (value === null) {
    return "is null: give it a value or remove the key";
  }
  if (value === "") {
    return "is empty: give it a value or remove the key";
  }
  const type = typeof value === "string" ? ENCRYPTED.exec(value)?.[1] : undefined;
  if (type === undefined) {
    return "is not encrypted";
  }
  return type === "str" ? undefined : `is of type ${type}, not a string: put it in quotes`;
}

function metadataFaults(metadata: YAMLMap, path: string): Fault[] {
  const { mac } = metadata.toJSON() as { mac?: unknown };
  return typeof mac === "string" && ENCRYPTED.test(mac)
    ? []
    : [{ where: path, what: "has no MAC, so nobody could tell a changed value", repair: `git restore ${path}` }];
}

/** What of a source's metadata is not of age: sops would open the file with it as well. */
export function serviceFaults(metadata: YAMLMap, path: string): Fault[] {
  return metadata.items.flatMap(({ key, value }): Fault[] => {
    const name = isScalar(key) ? String(key.value) : "";
    const isKnown = OTHER_SERVICES.has(name);
    const isEmpty = (isScalar(value) && value.value === null) || (isSeq(value) && value.items.length === 0);
    if (OF_AGE.has(name) || (isKnown && isEmpty)) {
      return [];
    }
    // What else stands there may be a value that was typed at the wrong place, so it is not repeated.
    const repair = `git restore ${path}, then sops updatekeys ${path}`;
    return [{ where: path, name: isKnown ? `sops.${name}` : "sops", what: NOT_OF_AGE, repair }];
  });
}

function ageRecipients(metadata: YAMLMap): Set<string> {
  const list: unknown = (metadata.toJSON() as { age?: unknown }).age;
  const recipients = new Set<string>();
  for (const entry of Array.isArray(list) ? (list as unknown[]) : []) {
    const recipient = (entry as { recipient?: unknown } | null)?.recipient;
    if (typeof recipient === "string") {
      recipients.add(recipient);
    }
  }
  return recipients;
}
