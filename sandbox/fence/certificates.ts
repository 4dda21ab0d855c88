/**
 * A throwaway certificate authority and the leaf certificates it issues (RFC 5280, ECDSA P-256 with SHA-256).
 * The private part of the authority lives in the memory of this process only.
 */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import * as der from "./der.js";

const OID = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  subjectAlternativeName: "2.5.29.17",
  subjectIdentifier: "2.5.29.14",
  authorityIdentifier: "2.5.29.35",
};
const DAY = 24 * 60 * 60 * 1000;
const LIFETIME_DAYS = 30;

/** A certificate with its private part, both PEM, as `tls.createSecureContext` takes them. */
export interface Leaf {
  cert: string;
  key: string;
}

/** The authority of one run. */
export interface CertificateAuthority {
  /** The authority's own certificate, PEM; nothing secret. */
  readonly certificate: string;
  /** The leaf for a host name: issued at the first call, the same one afterwards. */
  leaf(hostname: string): Leaf;
}

const extension = (id: string, critical: boolean, content: Buffer): Buffer =>
  der.sequence(der.oid(id), ...(critical ? [der.yes()] : []), der.octets(content));

const name = (commonName: string): Buffer =>
  der.sequence(der.set(der.sequence(der.oid(OID.commonName), der.text(commonName))));

const pem = (label: string, content: Buffer): string =>
  `-----BEGIN ${label}-----\n${(content.toString("base64").match(/.{1,64}/g) ?? []).join("\n")}\n-----END ${label}-----\n`;

const spki = (part: KeyObject): Buffer => part.export({ type: "spki", format: "der" });

/** RFC 5280 4.2.1.2 leaves the form open: the first 20 bytes of SHA-256 over the public part. */
const identifier = (part: KeyObject): Buffer => createHash("sha256").update(spki(part)).digest().subarray(0, 20);

interface Request {
  issuer: string;
  subject: string;
  publicPart: KeyObject;
  signer: KeyObject;
  at: Date;
  extensions: Buffer[];
}

function certificate(request: Request): string {
  const algorithm = der.sequence(der.oid(OID.ecdsaWithSha256));
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(randomBytes(16)),
    algorithm,
    name(request.issuer),
    der.sequence(
      der.time(new Date(request.at.getTime() - DAY)),
      der.time(new Date(request.at.getTime() + LIFETIME_DAYS * DAY)),
    ),
    name(request.subject),
    spki(request.publicPart),
    der.explicit(3, der.sequence(...request.extensions)),
  );
  const signature = sign("sha256", body, { key: request.signer, dsaEncoding: "der" });
  return pem("CERTIFICATE", der.sequence(body, algorithm, der.bits(signature)));
}

/**
 * Makes an authority. Certificates are valid from a day before to thirty days after they are made.
 * @param now the clock; certificates that real clients check need the real one.
 */
export function createCertificateAuthority(now: () => Date = () => new Date()): CertificateAuthority {
  const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = `p24 sandbox fence ${randomBytes(4).toString("hex")}`;
  const ownIdentifier = identifier(own.publicKey);
  const leaves = new Map<string, Leaf>();

  const root = certificate({
    issuer,
    subject: issuer,
    publicPart: own.publicKey,
    signer: own.privateKey,
    at: now(),
    extensions: [
      extension(OID.basicConstraints, true, der.sequence(der.yes())),
      extension(OID.keyUsage, true, der.bits(Buffer.from([0b0000_0100]), 2)), // keyCertSign
      extension(OID.subjectIdentifier, false, der.octets(ownIdentifier)),
    ],
  });

  const issue = (hostname: string): Leaf => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const cert = certificate({
      issuer,
      subject: hostname.slice(0, 64),
      publicPart: pair.publicKey,
      signer: own.privateKey,
      at: now(),
      extensions: [
        extension(OID.basicConstraints, true, der.sequence()),
        extension(OID.keyUsage, true, der.bits(Buffer.from([0b1000_0000]), 7)), // digitalSignature
        extension(OID.extendedKeyUsage, false, der.sequence(der.oid(OID.serverAuth))),
        extension(
          OID.subjectAlternativeName,
          false,
          der.sequence(der.implicit(2, Buffer.from(hostname, "ascii"))), // dNSName
        ),
        extension(OID.authorityIdentifier, false, der.sequence(der.implicit(0, ownIdentifier))),
        extension(OID.subjectIdentifier, false, der.octets(identifier(pair.publicKey))),
      ],
    });
    return { cert, key: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
  };

  return {
    certificate: root,
    leaf(hostname) {
      let leaf = leaves.get(hostname);
      if (!leaf) leaves.set(hostname, (leaf = issue(hostname)));
      return leaf;
    },
  };
}
