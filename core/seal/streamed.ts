import { buffer } from "node:stream/consumers";
import { ReadableStream } from "node:stream/web";

type Bytes = globalThis.ReadableStream<Uint8Array>;

/**
 * What age makes of bytes, given and taken as a stream: for bytes age-encryption builds a `Response`, and Node loads its HTTP
 * client for that, 20 ms. Rejects as `convert` and its stream do.
 */
export async function streamed(bytes: Uint8Array, convert: (bytes: Bytes) => Promise<Bytes>): Promise<Buffer> {
  return buffer(await convert(ReadableStream.from([bytes])));
}
