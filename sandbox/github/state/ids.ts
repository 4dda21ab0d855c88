/** Identifiers as GitHub gives them out. */

/** Ascending numbers from a base that no real repository of a team has. */
export function createIds(first = 700_000_001): () => number {
  let next = first;
  return () => next++;
}

/** A node id in GitHub's present form: a prefix for the kind and MessagePack of `[0, id]` in base64url. */
export function nodeId(prefix: string, id: number): string {
  const packed = Buffer.alloc(7);
  packed.set([0x92, 0x00, 0xce]);
  packed.writeUInt32BE(id % 0x1_0000_0000, 3);
  return `${prefix}_${packed.toString("base64url")}`;
}
