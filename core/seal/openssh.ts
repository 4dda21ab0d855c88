import { type KeyObject, randomBytes } from "node:crypto";

/** An Ed25519 pair in OpenSSH's forms. */
export interface OpensshPair {
  /** `-----BEGIN OPENSSH PRIVATE KEY-----`, not encrypted. */
  readonly private: string;
  /** `ssh-ed25519 AAAA… COMMENT` */
  readonly public: string;
}

/**
 * Writes an Ed25519 private part in the format of OpenSSH's PROTOCOL.key. ssh2's own generator (1.17.0) drops leading zero
 * bytes of the public part: one identity in 256 cannot be read again.
 */
export function encodeOpenssh(privatePart: KeyObject, comment: string): OpensshPair {
  const { x = "", d = "" } = privatePart.export({ format: "jwk" });
  const point = Buffer.from(x, "base64url");
  const shown = Buffer.concat([field("ssh-ed25519"), field(point)]);
  const check = randomBytes(4);
  const hidden = field(Buffer.concat([Buffer.from(d, "base64url"), point]));
  const secret = Buffer.concat([check, check, shown, hidden, field(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, at) => at + 1));
  const count = Buffer.from([0, 0, 0, 1]);
  const whole = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    count,
    field(shown),
    field(Buffer.concat([secret, padding])),
  ]);
  const body = whole.toString("base64").replace(/(.{70})(?=.)/g, "$1\n");
  return {
    private: `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`,
    public: `ssh-ed25519 ${shown.toString("base64")}${comment === "" ? "" : ` ${comment}`}`,
  };
}

/** SSH's `string`: 32-bit length, then the bytes (RFC 4251, section 5). */
function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
