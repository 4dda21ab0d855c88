import { createPrivateKey } from "node:crypto";

import { SHORTEST } from "../../core/search/forms.js";
import type { Needle } from "../../core/search/searcher.js";
import { makeTeamSecrets, type TeamSecrets } from "../world/team.js";

/** A value that must not come out, by the name that a finding shows. */
export interface Named {
  /** `shared/smtp_password`; several values may have one name, when it was rotated. */
  readonly secret: string;
  readonly value: string;
}

/** A secret and the parts of it by which it is recognized. */
export type Canary = Needle;

/** Of a long value every stretch of WINDOW + STEP bytes holds a whole window: a leak of a part is found too. */
const WINDOW = 32;
const STEP = 16;

export function teamValues(team: TeamSecrets): Named[] {
  return Object.entries(team).flatMap(([source, values]) =>
    Object.entries(values).map(([key, value]) => ({ secret: `${source}/${key}`, value })),
  );
}

/**
 * What to look for: each value as a whole, its marker, its lines, windows of a long one, and the raw bytes of private
 * parts. What another team's fresh values have too (a PEM header, a service account's field names), and what is public
 * anyway, is no part of a secret. Throws when a value has nothing left to be recognized by.
 */
export function canariesOf(values: readonly Named[], publicTexts: readonly string[] = []): Canary[] {
  const harmless = [...teamValues(makeTeamSecrets()).map(({ value }) => value), ...publicTexts].map((text) =>
    Buffer.from(text),
  );
  return values.map(({ secret, value }) => {
    const pieces = piecesOf(value).filter(
      (piece) => piece.length >= SHORTEST && !harmless.some((text) => text.includes(piece)),
    );
    if (pieces.length === 0) {
      throw new Error(`${secret} is too short or too common to be searched for`);
    }
    return { secret, pieces };
  });
}

function piecesOf(value: string): Buffer[] {
  const markers = value.match(/cnry[0-9a-f]{24}/gi) ?? [];
  const lines = value.split(/\r?\n/);
  const texts = [value, value.trim(), ...lines, ...lines.map((line) => line.trim()), ...markers];
  const pieces = [...new Set(texts)].map((text) => Buffer.from(text));
  return [...pieces, ...windows(Buffer.from(value)), ...rawParts(value)];
}

function windows(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; bytes.length > WINDOW + STEP && at + WINDOW <= bytes.length; at += STEP) {
    found.push(bytes.subarray(at, at + WINDOW));
  }
  return found.length === 0 ? found : [...found, bytes.subarray(-WINDOW)];
}

/** The bytes behind the text: 32 of a base64 value, the private scalar or seed of a PEM or OpenSSH private part. */
function rawParts(value: string): Buffer[] {
  if (/^[A-Za-z0-9+/]{43}=$/.test(value)) {
    return [Buffer.from(value, "base64")];
  }
  const pem = /-----BEGIN PRIVATE KEY-----\\?n?[\s\S]*?-----END PRIVATE KEY-----/.exec(value)?.[0];
  if (pem !== undefined) {
    const { d } = createPrivateKey(pem.replaceAll("\\n", "\n")).export({ format: "jwk" });
    return d === undefined ? [] : [Buffer.from(d, "base64url")];
  }
  const openssh = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*)-----END/.exec(value)?.[1];
  return openssh === undefined ? [] : [seedOf(Buffer.from(openssh, "base64"))];
}

/** Ed25519 in OpenSSH's PROTOCOL.key: the last field of 64 bytes is the seed and the public point. */
function seedOf(whole: Buffer): Buffer {
  const at = whole.lastIndexOf(Buffer.from([0, 0, 0, 64])) + 4;
  return whole.subarray(at, at + 32);
}
