import { createDecipheriv, createHash, randomBytes } from "node:crypto";

import { groupByDataKey } from "../exposure/groups.js";
import type { Held, Version } from "../exposure/versions.js";
import { createFingerprinter, type Fingerprint } from "../seal/fingerprint.js";
import { Secret } from "../seal/secret.js";
import { findIdentities } from "./identities.js";
import { readSealedFile, type SealedFile, type SealedValue } from "./sealedFile.js";

/** A file as git keeps it. */
export interface VersionText {
  readonly path: string;
  readonly text: string;
}

/** Makes fingerprints under a key that nobody keeps. */
export type Print = (secret: Secret) => Fingerprint;

/** Its fingerprints tell equal values, and nothing to anybody once this process has ended. */
export function drawPrint(): Print {
  const fingerprinter = createFingerprinter(new Secret(randomBytes(32).toString("base64")));
  return (secret) => fingerprinter.of(secret);
}

/**
 * Opens versions of sources, as far as the caller's identities open them; every value becomes its fingerprint at once. The
 * present sources go through sops; this is for hundreds of former ones at once, and to tell their data keys apart, which
 * sops does not say. In the order of `texts`; `undefined` for one that is no YAML.
 */
export async function openVersions(
  texts: AsyncIterable<VersionText> | Iterable<VersionText>,
  print: Print,
  env: NodeJS.ProcessEnv,
): Promise<(Version | undefined)[]> {
  const unwrap = await createUnwrapper(await findIdentities(env));
  const read: ({ file: SealedFile; sealed: Version; dataKey: Buffer | undefined } | undefined)[] = [];
  for await (const { path, text } of texts) {
    const file = readSealedFile(text);
    read.push(file && { file, sealed: sealedVersion(path, file, print), dataKey: await unwrap(file.wrapped) });
  }
  const there = read.filter((one) => one !== undefined);
  const groupOf = groupByDataKey(there.map(({ sealed }) => sealed));
  // A data key opens every version under it, whether or not that one lists us.
  const dataKeys = new Map(
    there.flatMap(({ sealed, dataKey }) => (dataKey === undefined ? [] : [[groupOf(sealed), dataKey] as const])),
  );
  return read.map((one) => one && openWith(one.file, one.sealed, dataKeys.get(groupOf(one.sealed)), print));
}

/** sops's form of one value, and what of it marks the value: getsops/sops, `aes/cipher.go`. */
const ENCRYPTED = /^ENC\[AES256_GCM,data:([^,]*),iv:([^,]+),tag:([^,]+),type:[a-z]+\]$/;

function sealedVersion(path: string, { values, wrapped }: SealedFile, print: Print): Version {
  const held = values.map((value): [string, Held] => {
    const iv = ENCRYPTED.exec(value.text)?.[2];
    return [
      value.key,
      iv === undefined
        ? { sealed: undefined, mark: undefined, print: print(new Secret(value.text)) }
        : { sealed: value.text, mark: `${value.boundTo} ${iv}`, print: undefined },
    ];
  });
  return {
    path,
    recipients: new Set(wrapped.keys()),
    values: new Map(held),
    dataKey: undefined,
    wrapped: new Set(wrapped.values()),
  };
}

function openWith({ values }: SealedFile, sealed: Version, dataKey: Buffer | undefined, print: Print): Version {
  if (dataKey === undefined) {
    return sealed;
  }
  const opened = values.map((value): [string, Held] => {
    const held = sealed.values.get(value.key) as Held;
    const secret = held.sealed === undefined ? undefined : decipher(value, dataKey);
    return [value.key, secret === undefined ? held : { ...held, print: print(secret) }];
  });
  return { ...sealed, values: new Map(opened), dataKey: createHash("sha256").update(dataKey).digest("hex") };
}

/** `undefined` for a value that was tampered with. */
function decipher({ text, boundTo }: SealedValue, dataKey: Buffer): Secret | undefined {
  const [, data = "", iv = "", tag = ""] = ENCRYPTED.exec(text) ?? [];
  try {
    const decipherer = createDecipheriv("aes-256-gcm", dataKey, Buffer.from(iv, "base64"));
    decipherer.setAAD(Buffer.from(boundTo)).setAuthTag(Buffer.from(tag, "base64"));
    const opened = Buffer.concat([decipherer.update(Buffer.from(data, "base64")), decipherer.final()]);
    return new Secret(opened.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Opens the data key that stands encrypted to one of the identities; the same text is opened once. */
async function createUnwrapper(
  identities: readonly string[],
): Promise<(wrapped: ReadonlyMap<string, string>) => Promise<Buffer | undefined>> {
  const { armor, Decrypter, identityToRecipient } = await import("age-encryption");
  const decrypters = new Map<string, InstanceType<typeof Decrypter>>();
  for (const identity of identities) {
    try {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      decrypters.set(await identityToRecipient(identity), decrypter);
    } catch {
      // malformed: the next one may fit, and the library's text may repeat it
    }
  }
  const opened = new Map<string, Buffer | undefined>();
  const openOne = async (recipient: string, text: string) => {
    if (!opened.has(text)) {
      try {
        const bytes = await decrypters.get(recipient)?.decrypt(armor.decode(text));
        opened.set(text, bytes && Buffer.from(bytes));
      } catch {
        opened.set(text, undefined);
      }
    }
    return opened.get(text);
  };
  return async (wrapped) => {
    for (const [recipient, text] of wrapped) {
      const dataKey = decrypters.has(recipient) ? await openOne(recipient, text) : undefined;
      if (dataKey !== undefined) {
        return dataKey;
      }
    }
    return undefined;
  };
}
