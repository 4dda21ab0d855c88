import { createHash, createPrivateKey, createPublicKey } from "node:crypto";

import { findMaterial } from "../../guard/rules/material.mjs";
import type { StreamHit } from "../search/stream.js";
import { open, Secret } from "./secret.js";
import type { ValueSearch } from "./valueSearch.js";

/** Fewer characters of a value say nothing about which one it is. */
const SHORTEST_PART = 8;

/** A value as it may have been copied: as it is, without outer blanks, with the line ends of another system. */
export function copiesOf(secret: Secret): Secret[] {
  const text = open(secret);
  const plain = text.replace(/\r\n/g, "\n");
  const all = [text, text.trim(), plain, plain.trim(), `${plain.trim()}\n`];
  return [...new Set(all)].map((copy) => new Secret(copy));
}

/** Where a text that may be a whole log holds the values of a search. */
export function findIn(search: ValueSearch, secret: Secret): StreamHit[] {
  const stream = search.start();
  stream.push(Buffer.from(open(secret)));
  return stream.end();
}

/** Whether a text that may have been cut off (`pdfk_abc…`) is a part of a value. */
export function isPartOf(part: Secret, whole: Secret): boolean {
  const text = open(part)
    .trim()
    .replace(/^(?:\.{2,}|…|\*{2,})|(?:\.{2,}|…|\*{2,})$/g, "");
  return text.length >= SHORTEST_PART && open(whole).includes(text);
}

/** The public parts of the age identities that a text holds, wherever in it they stand. Of malformed ones nothing is said. */
export async function recipientsIn(secret: Secret): Promise<string[]> {
  const identities = new Set(
    open(secret)
      .toUpperCase()
      .match(/AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]+/g) ?? [],
  );
  const { identityToRecipient } = await import("age-encryption");
  const parts = await Promise.all([...identities].map((one) => identityToRecipient(one).catch(() => undefined)));
  return parts.filter((part) => part !== undefined);
}

/** A kind of private material that shows by its form. */
export interface Material {
  /** The rule of guard/rules/material.mjs: `age-identity`, `private-pem`, `github`. */
  readonly rule: string;
  /** `an age identity`. */
  readonly what: string;
}

/** What a text shows to be by its form, each kind once. */
export function materialIn(secret: Secret): Material[] {
  const found = findMaterial(open(secret)).map(({ rule, what }) => ({ rule, what: what.replace(/^holds /, "") }));
  return [...new Map(found.map((one) => [one.rule, one])).values()];
}

/** What tells which pair a private part belongs to. Nothing of it is secret. */
export interface PublicPrints {
  /** As `ssh-keygen -lf` shows it: `SHA256:…`. */
  readonly ssh?: string;
  /** As GitHub shows an App's private keys: docs.github.com, "Verifying private keys". */
  readonly app?: string;
}

/** The fingerprints of the public part of a PEM or OpenSSH private part; none of one that cannot be read. */
export async function publicPrints(secret: Secret): Promise<PublicPrints> {
  const text = open(secret).replace(/\r\n/g, "\n");
  const pem = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/.exec(text)?.[0];
  if (pem === undefined) {
    return {};
  }
  const ssh = await sshPrint(`${pem}\n`);
  const app = appPrint(pem);
  return { ...(ssh === undefined ? {} : { ssh }), ...(app === undefined ? {} : { app }) };
}

async function sshPrint(pem: string): Promise<string | undefined> {
  const { default: ssh2 } = await import("ssh2");
  const parsed = ssh2.utils.parseKey(pem);
  return parsed instanceof Error ? undefined : printOf(parsed.getPublicSSH()).replace(/=+$/, "");
}

function appPrint(pem: string): string | undefined {
  try {
    const pair = createPrivateKey(pem);
    return pair.asymmetricKeyType === "rsa"
      ? printOf(createPublicKey(pair).export({ type: "spki", format: "der" }))
      : undefined;
  } catch {
    return undefined; // OpenSSH's own format, or under a passphrase; the library's text may repeat it
  }
}

function printOf(bytes: Buffer): string {
  return `SHA256:${createHash("sha256").update(bytes).digest("base64")}`;
}
