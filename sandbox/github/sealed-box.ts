/** Opening what a client sealed: libsodium's `crypto_box_seal`, as GitHub asks for it. */
import sodium from "libsodium-wrappers";
import type { SealingPair } from "./state/types.js";

/** The plaintext, or `undefined` when the box was not sealed for this pair, was cut or changed. */
export async function openSealedBox(box: Buffer, pair: SealingPair): Promise<Buffer | undefined> {
  await sodium.ready;
  try {
    return Buffer.from(sodium.crypto_box_seal_open(box, pair.publicPart, pair.privatePart));
  } catch {
    return undefined;
  }
}
