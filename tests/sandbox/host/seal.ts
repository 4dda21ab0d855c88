import { type KeyObject, sign } from "node:crypto";

import type { TestHost } from "./support.js";

/** Whom a payload is for, and who signs it. */
export type Addressee = Pick<TestHost, "name" | "recipient" | "signer">;

/** What an `apply` carries, before it is sealed. Everything has a right default. */
export interface Draft {
  readonly host?: string;
  readonly target?: string;
  readonly serial?: number | string;
  readonly names?: readonly string[];
  readonly prune?: readonly string[];
  readonly recipient?: string;
  readonly signer?: KeyObject;
  /** The decrypted content as a whole, instead of `names`, `prune` and the text. */
  readonly content?: string;
}

/** Encrypts and signs by the letter of docs/host-protocol.md, independently of core/seal/payload.ts. */
export async function sealDraft(host: Addressee, env: string, draft: Draft = {}): Promise<string> {
  const { Encrypter, armor } = await import("age-encryption");
  const names = draft.names ?? [...env.matchAll(/^([A-Z_][A-Z0-9_]*)=/gm)].map(([, name]) => name ?? "");
  const lines = [...names.map((name) => `name ${name}`), ...(draft.prune ?? []).map((name) => `prune ${name}`)];
  const content = draft.content ?? ["p24-content 1", ...lines, "env", env].join("\n");
  const encrypter = new Encrypter();
  encrypter.addRecipient(draft.recipient ?? host.recipient);
  const body = `${armor.encode(await encrypter.encrypt(content)).trimEnd()}\n`;
  const serial = String(draft.serial ?? nextSerial());
  const header = `p24-payload 1\nhost ${draft.host ?? host.name}\ntarget ${draft.target ?? "app"}\nserial ${serial}\n`;
  const signature = sign(null, Buffer.from(header + body), draft.signer ?? host.signer).toString("base64");
  return `${header}signature ${signature}\n${body}`;
}

let lastSerial = 0;

/** Above every serial before, in this process. */
export function nextSerial(): number {
  lastSerial += 1;
  return lastSerial;
}
