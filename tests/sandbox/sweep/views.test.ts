/** Proves which parts of a value are recognized, and that packed, wrapped and closed contents are searched too. */
import assert from "node:assert/strict";
import { createCipheriv, createPrivateKey, pbkdf2Sync, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";

import { canariesOf } from "../../../sandbox/sweep/canaries.js";
import { Searcher } from "../../../core/search/searcher.js";
import { Inquiry } from "../../../sandbox/sweep/verdict.js";
import { openerFor } from "../../../sandbox/sweep/views.js";
import { makeSshIdentity } from "../../../sandbox/hosts/identity.js";
import { makeTeamSecrets } from "../../../sandbox/world/team.js";

const PASSPHRASE = "correct horse battery";
const SALT = randomBytes(8);
const SETTINGS = `encryptionsalt: v1:${SALT.toString("base64")}:v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAA==\n`;

function close(secret: Buffer, nonce: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv("aes-256-gcm", secret, nonce);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** As the engine writes a secret into state. */
function closedValue(plain: Buffer): string {
  const master = pbkdf2Sync(PASSPHRASE, SALT, 1_000_000, 32, "sha256");
  const nonce = randomBytes(12);
  return `v1:${nonce.toString("base64")}:${close(master, nonce, plain).toString("base64")}`;
}

/** As the engine writes its own debug log: a session's secret, then chunks, each packed and closed. */
function closedLog(chunks: readonly string[]): Buffer {
  const session = randomBytes(32);
  const head = Buffer.from(closedValue(session));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(head.length);
  const body = chunks.map((chunk, index) => {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(index + 1, 8);
    const payload = Buffer.concat([nonce, close(session, nonce, gzipSync(chunk))]);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(payload.length);
    return Buffer.concat([size, payload]);
  });
  return Buffer.concat([Buffer.from("PLOG\x01"), length, head, ...body]);
}

describe("a content that is searched", () => {
  const value = `cnry${randomBytes(12).toString("hex")}`;
  const searcher = new Searcher(canariesOf([{ secret: "some/secret", value }]));
  const base64 = Buffer.from(`{"a":"${value}"}`).toString("base64");
  const cases: readonly [string, string | Buffer, string][] = [
    ["wrapped in lines", base64.replace(/.{10}/g, "$&\n"), "base64 (offset 0), wrapped"],
    ["wrapped in a JSON text", base64.replace(/.{10}/g, "$&\\n"), "base64 (offset 0), wrapped"],
    ["UTF-16, as PowerShell writes it", Buffer.from(value, "utf16le"), "plain, wrapped"],
    ["gzip", gzipSync(`x ${value}`), "plain, packed"],
    [
      "a secret of the state",
      `{"ciphertext":"${closedValue(Buffer.from(`"${value}"`))}"}`,
      "plain, under the passphrase",
    ],
    ["a debug log of the engine", closedLog(["first", `second ${value}`]), "plain, under the passphrase"],
  ];
  for (const [what, content, form] of cases) {
    it(`is also seen as it is when it is: ${what}`, () => {
      const inquiry = new Inquiry(searcher, [], openerFor(SETTINGS, PASSPHRASE));
      inquiry.take({ place: "backend", where: "there", content: Buffer.from(content) });
      assert.deepEqual(inquiry.verdict().leaks, [{ place: "backend", where: "there", secret: "some/secret", form }]);
    });
  }

  it("is no leak where an allowance names place, sample and secret, and only there", () => {
    const allowance = { place: "hosts" as const, where: /^there$/, secrets: /^some\//, reason: "it belongs there" };
    const inquiry = new Inquiry(searcher, [allowance]);
    inquiry.take({ place: "hosts", where: "there", content: Buffer.from(value) });
    inquiry.take({ place: "hosts", where: "elsewhere", content: Buffer.from(value) });
    inquiry.take({ place: "output", where: "there", content: Buffer.from(value) });
    const { leaks, allowed } = inquiry.verdict();
    assert.equal(allowed.get(allowance), 1);
    assert.deepEqual(
      leaks.map(({ place, where }) => [place, where]),
      [
        ["hosts", "elsewhere"],
        ["output", "there"],
      ],
    );
  });
});

describe("the parts of a value", () => {
  const team = makeTeamSecrets();
  const ssh = makeSshIdentity("p24-sync");
  const signing = team.stack["payload_signing_key"] ?? "";
  const account = team["github-actions"]["gcp_service_account"] ?? "";
  const keystore = team["github-actions"]["android_keystore_base64"] ?? "";
  const seed = (pem: string) => Buffer.from(createPrivateKey(pem).export({ format: "jwk" }).d ?? "", "base64url");
  const searcher = new Searcher(
    canariesOf(
      [
        { secret: "ssh", value: ssh.private },
        { secret: "signing", value: signing },
        { secret: "account", value: account },
        { secret: "keystore", value: keystore },
        { secret: "fingerprints", value: team.stack["fingerprint_key"] ?? "" },
        { secret: "multi", value: "config:\n  bucket: 0123456789abcdef0\n" },
      ],
      [ssh.public],
    ),
  );
  const secrets = (text: string | Buffer) => [...new Set(searcher.find(Buffer.from(text)).map(({ secret }) => secret))];
  const cases: readonly [string, string | Buffer, string][] = [
    ["one line of an OpenSSH private part", ssh.private.split("\n")[4] ?? "", "ssh"],
    ["the body of a PEM", signing.split("\n")[1] ?? "", "signing"],
    ["the raw seed, in a JSON web form", seed(signing).toString("base64url"), "signing"],
    ["the raw seed in hex", seed(signing).toString("hex"), "signing"],
    ["a private part inside of a JSON text", JSON.stringify({ a: account }), "account"],
    ["48 bytes in the middle of a long value", keystore.slice(701, 749), "keystore"],
    ["the same 48 bytes, in base64 again", Buffer.from(keystore.slice(702, 750)).toString("base64"), "keystore"],
    ["the raw bytes of a base64 value", Buffer.from(team.stack["fingerprint_key"] ?? "", "base64"), "fingerprints"],
    ["one line of several", "  bucket: 0123456789abcdef0", "multi"],
  ];
  for (const [what, text, secret] of cases) {
    it(`are recognized: ${what}`, () => {
      assert.deepEqual(secrets(Buffer.concat([Buffer.from("before>"), Buffer.from(text), Buffer.from("<after")])), [
        secret,
      ]);
    });
  }

  it("are not: what every PEM and every service account has, and what is public anyway", () => {
    const other = makeTeamSecrets();
    assert.deepEqual(secrets(Object.values(other["github-actions"]).join("\n")), []);
    assert.deepEqual(secrets(ssh.public + makeSshIdentity("p24-sync").private), []);
  });

  it("must suffice: a value that is too short is refused by name", () => {
    assert.throws(() => canariesOf([{ secret: "short/one", value: "tooshort" }]), /^Error: short\/one is too short/);
  });
});
