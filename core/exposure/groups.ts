import type { Version } from "./versions.js";

/**
 * Tells which versions are under the same data key, as a number a group. They are when we opened both and it is the same,
 * when one recipient's encrypted data key stands in both (an edit keeps them), or when one value's ciphertext does
 * (`sops updatekeys` keeps those): each is drawn with fresh randomness, so equal ones do not come about twice.
 *
 * Of two versions that we cannot open and that have nothing in common, one is taken to be under a new data key.
 */
export function groupByDataKey(versions: readonly Version[]): (version: Version) => number {
  const parents = versions.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root] ?? root] ?? root;
      root = parents[root] ?? root;
    }
    return root;
  };
  const first = new Map<string, number>();
  for (const [index, version] of versions.entries()) {
    for (const mark of marksOf(version)) {
      const other = first.get(mark);
      if (other === undefined) {
        first.set(mark, index);
      } else {
        parents[rootOf(index)] = rootOf(other);
      }
    }
  }
  const indexes = new Map(versions.map((version, index) => [version, index]));
  return (version) => rootOf(indexes.get(version) ?? -1);
}

function marksOf({ dataKey, wrapped, values }: Version): string[] {
  const sealed = [...values.values()].flatMap((held) => (held.sealed === undefined ? [] : [`value ${held.sealed}`]));
  return [
    ...(dataKey === undefined ? [] : [`opened ${dataKey}`]),
    ...[...wrapped].map((one) => `wrapped ${one}`),
    ...sealed,
  ];
}
