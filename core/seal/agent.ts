import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ParsedKey } from "ssh2";

import { open, type Secret } from "./secret.js";

/** A running agent. `socket` goes into SSH_AUTH_SOCK. */
export interface Agent {
  readonly socket: string;
  close(): Promise<void>;
}

/** Message numbers: draft-ietf-sshm-ssh-agent, section 6.1. */
const FAILURE = 5;
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;

const LONGEST_REQUEST = 256 * 1024;

/**
 * An SSH agent that holds the sync key in this process's memory, lists it and signs with it, and knows nothing else. It
 * ends with the process, so no agent stays behind with a loaded key. `syncKey` is the stack source's `sync_ssh_key`.
 */
export async function startAgent(syncKey: Secret): Promise<Agent> {
  const parsed = await parse(syncKey);
  const connected = new Set<Socket>();
  const server = createServer((socket) => {
    connected.add(socket.once("close", () => connected.delete(socket)));
    serve(socket, parsed);
  });
  const folder = process.platform === "win32" ? undefined : await mkdtemp(join(tmpdir(), "p24-agent-"));
  const socket = folder === undefined ? `\\\\.\\pipe\\p24-agent-${String(process.pid)}` : join(folder, "agent");
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(socket, resolve);
  });
  return {
    socket,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const client of connected) {
        client.destroy(); // or close() would wait for a client that keeps its connection
      }
      await closed;
      if (folder !== undefined) {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function parse(syncKey: Secret): Promise<ParsedKey> {
  const { default: ssh2 } = await import("ssh2");
  const parsed = ssh2.utils.parseKey(open(syncKey));
  if (parsed instanceof Error || !parsed.isPrivateKey()) {
    throw new TypeError("the sync key is not an OpenSSH private part");
  }
  return parsed;
}

/** The public part of the sync key, `ssh-ed25519 AAAA…`: what a host's authorized_keys names. */
export async function syncPublicPart(syncKey: Secret): Promise<string> {
  const parsed = await parse(syncKey);
  return `${parsed.type} ${parsed.getPublicSSH().toString("base64")}`;
}

function serve(socket: Socket, parsed: ParsedKey): void {
  let pending = Buffer.alloc(0);
  socket.unref();
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4) {
      const length = pending.readUInt32BE(0);
      if (length > LONGEST_REQUEST) {
        socket.destroy();
        return;
      }
      if (pending.length < 4 + length) {
        return;
      }
      socket.write(string(answer(pending.subarray(4, 4 + length), parsed)));
      pending = pending.subarray(4 + length);
    }
  });
}

function answer(request: Buffer, parsed: ParsedKey): Buffer {
  const blob = parsed.getPublicSSH();
  switch (request[0]) {
    case REQUEST_IDENTITIES:
      return Buffer.concat([
        Buffer.from([IDENTITIES_ANSWER, 0, 0, 0, 1]),
        string(blob),
        string(Buffer.from("p24-sync")),
      ]);
    case SIGN_REQUEST: {
      const wanted = readString(request, 1);
      const data = wanted === undefined ? undefined : readString(request, 5 + wanted.length);
      if (data === undefined || wanted?.equals(blob) !== true) {
        return Buffer.from([FAILURE]);
      }
      const signature = Buffer.concat([string(Buffer.from(parsed.type)), string(parsed.sign(data))]);
      return Buffer.concat([Buffer.from([SIGN_RESPONSE]), string(signature)]);
    }
    default:
      return Buffer.from([FAILURE]);
  }
}

/** SSH's `string`: 32-bit length, then the bytes (RFC 4251, section 5). */
function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The `string` that begins at an offset; `undefined` when the message ends before it does. */
function readString(message: Buffer, at: number): Buffer | undefined {
  if (message.length < at + 4) {
    return undefined;
  }
  const end = at + 4 + message.readUInt32BE(at);
  return end <= message.length ? message.subarray(at + 4, end) : undefined;
}
