import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { isMap, isScalar, parseDocument } from "yaml";

import { sourcePath } from "../../core/model/sources.js";

/** How many of the sources have a key, encrypted or still in clear; no identity is needed. Keys in lower case. */
export async function countKeys(root: string, sources: readonly string[]): Promise<Map<string, number>> {
  const texts = await Promise.all(
    sources.map((name) => readFile(join(root, sourcePath(name)), "utf8").catch(() => "")),
  );
  const counts = new Map<string, number>();
  for (const key of texts.flatMap(keysOf)) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function keysOf(text: string): string[] {
  const { contents } = parseDocument(text);
  const pairs = isMap(contents) ? contents.items : [];
  return pairs.flatMap(({ key }) => (isScalar(key) && key.value !== "sops" ? [String(key.value).toLowerCase()] : []));
}
