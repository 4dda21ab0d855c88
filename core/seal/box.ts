import { open, type Secret } from "./secret.js";

/** A repository's public part for Actions secrets: `GET /repos/O/R/actions/secrets/public-key`. */
export interface RepositoryBox {
  readonly keyId: string;
  /** X25519 public part, base64. */
  readonly publicKey: string;
}

/** Seals values with libsodium's sealed box, base64, as GitHub asks ("Encrypting secrets for the REST API"). */
export async function createBoxSealer(): Promise<(secret: Secret, box: RepositoryBox) => string> {
  const { default: sodium } = await import("libsodium-wrappers");
  await sodium.ready;
  return (secret, box) => {
    const sealed = sodium.crypto_box_seal(
      open(secret),
      sodium.from_base64(box.publicKey, sodium.base64_variants.ORIGINAL),
    );
    return sodium.to_base64(sealed, sodium.base64_variants.ORIGINAL);
  };
}
