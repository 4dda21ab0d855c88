import { generateKeyPairSync } from "node:crypto";

import { encodeOpenssh, type OpensshPair } from "../../core/seal/openssh.js";

/** An Ed25519 identity for SSH. */
export type SshIdentity = OpensshPair;

/** Makes a fresh one. */
export function makeSshIdentity(comment = ""): SshIdentity {
  return encodeOpenssh(generateKeyPairSync("ed25519").privateKey, comment);
}
