/** Bodies are read up to a limit; what a header says of their length is not believed. */

/** A body was longer than allowed. */
export class TooLong extends Error {}

/** All bytes of a body. Throws {@link TooLong} when there are more than `most`, after which nothing more is read. */
export async function readLimited(
  body: ReadableStream<Uint8Array> | null,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) {
      return join(parts, length);
    }
    length += next.value.byteLength;
    if (length > most) {
      await reader?.cancel();
      throw new TooLong();
    }
    parts.push(next.value);
  }
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
