/**
 * Proves that the agent lists and signs for the sync key, refuses everything else, survives what no client sends, and
 * ends. The client is ssh2's own; OpenSSH's client is proved in the lab.
 */
import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { inspect } from "node:util";

import ssh2 from "ssh2";

import { type Agent, startAgent, syncPublicPart } from "../../../core/seal/agent.js";
import { Secret } from "../../../core/seal/secret.js";
import { sshPair } from "../../support/identities.js";
import { answerWith, startSshServer } from "../../support/sshServer.js";

/** A request as it goes over the socket: length, type, the rest. */
function message(type: number, rest: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(rest.length + 1);
  head.writeUInt8(type, 4);
  return Buffer.concat([head, rest]);
}

function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Sends bytes and collects what comes back until `length` bytes are there or the agent hangs up. */
function exchange(socket: string, chunks: readonly Buffer[], length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const client = connect(socket, () => {
      for (const chunk of chunks) {
        client.write(chunk);
      }
    });
    client.setNoDelay(true);
    client.on("data", (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= length) {
        client.destroy();
      }
    });
    client.on("error", reject);
    client.on("close", () => {
      resolve(answer);
    });
  });
}

const FAILURE = Buffer.from([0, 0, 0, 1, 5]);

describe("the SSH agent", () => {
  const pair = sshPair();
  const blob = Buffer.from(pair.public.split(" ")[1] ?? "", "base64");
  let agent: Agent;

  before(async () => {
    agent = await startAgent(new Secret(pair.private));
  });
  after(() => agent.close());

  it("listens where nobody else can connect", () => {
    assert.equal(statSync(dirname(agent.socket)).mode & 0o777, 0o700);
  });

  it("lists the sync key alone", async () => {
    const keys = await new Promise<ssh2.ParsedKey[]>((resolve, reject) => {
      ssh2.createAgent(agent.socket).getIdentities((error, found) => {
        if (error) {
          reject(error);
        } else {
          resolve(found as ssh2.ParsedKey[]);
        }
      });
    });
    assert.deepEqual(
      keys.map((key) => [key.type, key.comment, key.getPublicSSH().toString("base64"), key.isPrivateKey()]),
      [["ssh-ed25519", "p24-sync", blob.toString("base64"), false]],
    );
  });

  it("has the public part that a host is told", async () => {
    assert.equal(await syncPublicPart(new Secret(pair.private)), `ssh-ed25519 ${blob.toString("base64")}`);
  });

  it("logs in with it, several times side by side", async () => {
    const server = await startSshServer({ authorized: pair.public, onCommand: answerWith("") });
    const login = () =>
      new Promise<void>((resolve, reject) => {
        const client = new ssh2.Client();
        client
          .on("ready", () => client.end())
          .on("error", reject)
          .on("close", () => {
            resolve();
          });
        client.connect({ host: "127.0.0.1", port: server.port, username: "sync", agent: agent.socket });
      });
    await Promise.all([login(), login(), login()]);
    await server.close();
    assert.deepEqual([...server.users], ["sync"]);
  });

  const SIGN = message(13, Buffer.concat([string(blob), string(Buffer.from("data")), Buffer.alloc(4)]));

  it("signs what it is given, in one piece, byte by byte, or two at once", async () => {
    const parsed = ssh2.utils.parseKey(pair.public) as ssh2.ParsedKey;
    const length = 4 + 1 + 4 + (4 + 11) + (4 + 64);
    for (const [chunks, count] of [
      [[SIGN], 1],
      [Array.from(SIGN, (byte) => Buffer.from([byte])), 1],
      [[Buffer.concat([SIGN, SIGN])], 2],
    ] as const) {
      const answer = await exchange(agent.socket, chunks, length * count);
      assert.equal(answer.length, length * count);
      assert.equal(answer.readUInt32BE(0), length - 4);
      assert.equal(answer[4], 14);
      assert.equal(answer.subarray(13, 24).toString(), "ssh-ed25519");
      assert.equal(parsed.verify(Buffer.from("data"), answer.subarray(28, 92)), true);
    }
  });

  const other = Buffer.from(sshPair().public.split(" ")[1] ?? "", "base64");
  const refused: readonly [string, Buffer][] = [
    [
      "to sign with another key",
      message(13, Buffer.concat([string(other), string(Buffer.from("data")), Buffer.alloc(4)])),
    ],
    ["to add a key", message(17, string(Buffer.from("ssh-ed25519")))],
    ["to remove a key", message(18, string(blob))],
    ["to remove all keys", message(19)],
    ["to lock it", message(22, string(Buffer.from("x")))],
    ["an extension", message(27, string(Buffer.from("query")))],
    ["nothing", Buffer.alloc(4)],
    ["to sign without anything", message(13)],
    ["to sign with a length beyond the message", message(13, Buffer.from([0xff, 0xff, 0xff, 0xff]))],
    ["to sign no data", message(13, string(blob))],
    ["to sign data that is cut off", message(13, Buffer.concat([string(blob), Buffer.from([0, 0, 1, 0, 1, 2])]))],
  ];
  for (const [title, request] of refused) {
    it(`refuses ${title}, and goes on`, async () => {
      const answer = await exchange(agent.socket, [request, message(19)], 2 * FAILURE.length);
      assert.deepEqual(answer, Buffer.concat([FAILURE, FAILURE]));
    });
  }

  it("hangs up on a request that is too long", async () => {
    const answer = await exchange(agent.socket, [Buffer.from([0, 4, 0, 1, 13])], 1);
    assert.equal(answer.length, 0);
  });

  it("ends although a client still holds its connection, and leaves no folder", async () => {
    const short = await startAgent(new Secret(pair.private));
    const client = connect(short.socket);
    await new Promise((resolve) => client.once("connect", resolve));
    client.write(message(11));
    await new Promise((resolve) => client.once("data", resolve));
    const ended = new Promise((resolve) => client.once("close", resolve));
    await short.close();
    await ended;
    assert.equal(existsSync(dirname(short.socket)), false);
  });

  for (const [title, text] of [
    ["no key", "canary"],
    [
      "a key under a passphrase",
      ssh2.utils.generateKeyPairSync("ed25519", { cipher: "aes256-ctr", passphrase: "x", rounds: 2 }).private,
    ],
    ["a public part", pair.public],
  ] as const) {
    it(`does not start with ${title}, and the error holds nothing of it`, async () => {
      await assert.rejects(startAgent(new Secret(text)), (error: Error) => {
        assert.equal(error.message, "the sync key is not an OpenSSH private part");
        return !inspect(error).includes(text.slice(0, 40));
      });
    });
  }
});
