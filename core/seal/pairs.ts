import { generateKeyPairSync } from "node:crypto";

import { encodeOpenssh } from "./openssh.js";
import { Secret } from "./secret.js";

/** A fresh payload signer: Ed25519, PKCS#8 PEM, as `payload_signing_key` holds it. */
export function makeSigner(): Secret {
  const { privateKey } = generateKeyPairSync("ed25519");
  return new Secret(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
}

/** A fresh SSH identity for the sync: Ed25519, OpenSSH's format without a passphrase, as `sync_ssh_key` holds it. */
export function makeSyncIdentity(): Secret {
  const { privateKey } = generateKeyPairSync("ed25519");
  return new Secret(encodeOpenssh(privateKey, "p24-sync").private);
}
