import { createPrivateKey, createPublicKey, sign } from "node:crypto";

import { writeDotenv } from "./dotenv.js";
import { open, type Secret } from "./secret.js";
import { streamed } from "./streamed.js";

/** What one `apply` on a host carries; docs/host-protocol.md, "Payload". */
export interface Payload {
  readonly host: string;
  readonly target: string;
  /** Above the last one that the host accepted. */
  readonly serial: number;
  /** The whole `.env`: variable name to value. */
  readonly entries: ReadonlyMap<string, Secret>;
  /** Foreign names of the present file that may be dropped. */
  readonly prune: readonly string[];
  /** The host's own age recipient, `age1…`. */
  readonly recipient: string;
}

/**
 * Encrypts the payload to the host and signs it (Ed25519 over header and armor). `signingKey` is the stack source's
 * `payload_signing_key`. Every call gives a fresh ciphertext.
 */
export async function sealPayload(payload: Payload, signingKey: Secret): Promise<string> {
  const { Encrypter, armor } = await import("age-encryption");
  const encrypter = new Encrypter();
  encrypter.addRecipient(payload.recipient);
  const sealed = armor.encode(await streamed(Buffer.from(content(payload)), (bytes) => encrypter.encrypt(bytes)));
  const header = `p24-payload 1\nhost ${payload.host}\ntarget ${payload.target}\nserial ${String(payload.serial)}\n`;
  const body = sealed.endsWith("\n") ? sealed : `${sealed}\n`;
  const signature = sign(null, Buffer.from(header + body), createPrivateKey(open(signingKey)));
  return `${header}signature ${signature.toString("base64")}\n${body}`;
}

function content({ entries, prune }: Payload): string {
  const names = [...entries.keys()].sort().map((name) => `name ${name}\n`);
  const pruned = [...prune].sort().map((name) => `prune ${name}\n`);
  return ["p24-content 1\n", ...names, ...pruned, "env\n", writeDotenv(entries)].join("");
}

/** The public part of the signing key, SPKI PEM: what a host keeps in /etc/p24-host/signer.pem. */
export function signerPublicPart(signingKey: Secret): string {
  return createPublicKey(open(signingKey)).export({ type: "spki", format: "pem" }).toString();
}
