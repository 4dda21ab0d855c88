import { generateKeyPairSync, randomBytes } from "node:crypto";

/** An Ed25519 identity for SSH. */
export interface SshIdentity {
  /** `-----BEGIN OPENSSH PRIVATE KEY-----`, not encrypted. */
  readonly private: string;
  /** `ssh-ed25519 AAAA… COMMENT` */
  readonly public: string;
}

/**
 * Makes a fresh one, in the format of OpenSSH's PROTOCOL.key. ssh2's own generator (1.17.0) drops leading zero bytes of the
 * public part: one identity in 256 cannot be read again.
 */
export function makeSshIdentity(comment = ""): SshIdentity {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const seed = Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url");
  const shown = Buffer.concat([field("ssh-ed25519"), field(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, shown, field(Buffer.concat([seed, point])), field(comment)]);
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

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
