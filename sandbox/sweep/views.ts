import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { gunzipSync } from "node:zlib";

/** A content as it is, or as somebody could make it: unwrapped, unpacked, opened with the stack's passphrase. */
export interface View {
  /** Added to the form of a finding; empty for the content as it is. */
  readonly how: string;
  /** Whether line ends and blanks were taken out. */
  readonly wrapped: boolean;
  readonly content: Buffer;
}

/** Opens what the engine closed with its passphrase: secrets in state, and its own debug logs. */
export interface Opener {
  /** The plain parts of a content; empty when nothing in it can be opened. */
  open(content: Buffer): Buffer[];
}

/** The content, then without line ends and blanks (base64 that was wrapped, UTF-16), then unpacked, then opened. */
export function viewsOf(content: Buffer, opener?: Opener): View[] {
  const whole = [
    { how: "", content },
    ...unpacked(content).map((plain) => ({ how: "packed", content: plain })),
    ...(opener?.open(content) ?? []).map((plain) => ({ how: "under the passphrase", content: plain })),
  ];
  return whole.flatMap((view) => {
    const folded = { ...view, content: fold(view.content), wrapped: true };
    const asItIs = { ...view, wrapped: false };
    return folded.content.length === view.content.length ? [asItIs] : [asItIs, folded];
  });
}

function fold(content: Buffer): Buffer {
  return Buffer.from(content.toString("latin1").replace(/[\0\t\n\r ]+|\\[nrt]/g, ""), "latin1");
}

function unpacked(content: Buffer): Buffer[] {
  if (content[0] !== 0x1f || content[1] !== 0x8b) {
    return [];
  }
  try {
    return [gunzipSync(content)];
  } catch {
    return []; // not gzip after all
  }
}

/**
 * For one stack. `stackText` is any text with its salt: `Pulumi.STACK.yaml`. The forms are those of the engine
 * (pulumi/pulumi: `sdk/go/common/resource/config/crypt.go`, `pkg/engine/encryptedlog/format.go`).
 */
export function openerFor(stackText: string, passphrase: string): Opener {
  const salt = /v1:([A-Za-z0-9+/=]{12}):v1:/.exec(stackText)?.[1];
  if (salt === undefined) {
    return { open: () => [] };
  }
  const master = pbkdf2Sync(passphrase, Buffer.from(salt, "base64"), 1_000_000, 32, "sha256");
  return {
    open(content) {
      const log = content.subarray(0, 4).toString("latin1") === "PLOG" ? openLog(content, master) : [];
      return [...log, ...openState(content, master)];
    },
  };
}

const CLOSED = /v1:([A-Za-z0-9+/]{16}):([A-Za-z0-9+/]{22,}={0,2})/g;

function openState(content: Buffer, master: Buffer): Buffer[] {
  return [...content.toString("latin1").matchAll(CLOSED)].flatMap(([, nonce = "", closed = ""]) => {
    const plain = decrypt(master, Buffer.from(nonce, "base64"), Buffer.from(closed, "base64"));
    return plain === undefined ? [] : [plain];
  });
}

function openLog(content: Buffer, master: Buffer): Buffer[] {
  const first = 7 + content.readUInt16BE(5);
  const [session] = openState(content.subarray(7, first), master);
  const chunks: Buffer[] = [];
  for (let at = first; session?.length === 32 && at + 4 <= content.length;) {
    const end = at + 4 + content.readUInt32BE(at);
    const packed = decrypt(session, content.subarray(at + 4, at + 16), content.subarray(at + 16, end));
    chunks.push(...(packed === undefined ? [] : unpacked(packed)));
    at = end;
  }
  return chunks.length === 0 ? [] : [Buffer.concat(chunks)];
}

function decrypt(key: Buffer, nonce: Buffer, closed: Buffer): Buffer | undefined {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAuthTag(closed.subarray(-16));
    return Buffer.concat([decipher.update(closed.subarray(0, -16)), decipher.final()]);
  } catch {
    return undefined; // closed with another key
  }
}
