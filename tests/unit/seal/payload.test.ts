/**
 * Proves that a payload is what docs/host-protocol.md says: header, signature (checked with Node's crypto and, as a host
 * does it, with openssl over `sed`), and an armor that only the host opens, with exactly the protocol's content.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../../../core/process.js";
import { sealPayload, signerPublicPart, type Payload } from "../../../core/seal/payload.js";
import { Secret } from "../../../core/seal/secret.js";
import { canary, leaked } from "../../support/canary.js";
import { temporaryFolder } from "../../support/folder.js";
import { type AgeIdentity, ageIdentity, openArmor, signerPem } from "../../support/identities.js";
import { secretsOf } from "../../support/secrets.js";
import { needs } from "../../support/needs.js";

const VALUE = canary();
const PEM = signerPem();
const SIGNING = new Secret(PEM);

const ENTRIES = { SMTP_PASSWORD: "two\nlines", GRAFANA_ADMIN_PASSWORD: VALUE, TZ: "Europe/Berlin" };

const EMPTY: Payload = { host: "h", target: "t", serial: 1, entries: new Map(), prune: [], recipient: "" };

describe("a payload for a host", () => {
  const folder = temporaryFolder();
  let host: AgeIdentity;
  let stranger: AgeIdentity;

  before(async () => {
    [host, stranger] = await Promise.all([ageIdentity(), ageIdentity()]);
  });

  function seal(changes: Partial<Payload> = {}): Promise<string> {
    const payload: Payload = {
      host: "vps-i1",
      target: "monitoring",
      serial: 42,
      entries: secretsOf(ENTRIES),
      prune: ["OLD_B", "OLD_A"],
      recipient: host.recipient,
      ...changes,
    };
    return sealPayload(payload, SIGNING);
  }

  /** The signed text and its signature, taken apart as the host does it. */
  function parts(payload: string) {
    const lines = payload.split("\n");
    return {
      header: lines.slice(0, 4),
      signature: Buffer.from((lines[4] ?? "").replace(/^signature /, ""), "base64"),
      signed: [...lines.slice(0, 4), ...lines.slice(5)].join("\n"),
      armor: lines.slice(5).join("\n"),
    };
  }

  it("begins with the protocol's header, then the signature, then the armor", async () => {
    const lines = (await seal()).split("\n");
    assert.deepEqual(lines.slice(0, 4), ["p24-payload 1", "host vps-i1", "target monitoring", "serial 42"]);
    assert.match(lines[4] ?? "", /^signature [A-Za-z0-9+/]{86}==$/);
    assert.equal(lines[5], "-----BEGIN AGE ENCRYPTED FILE-----");
    assert.deepEqual(lines.slice(-2), ["-----END AGE ENCRYPTED FILE-----", ""]);
  });

  it("opens with the host's identity to exactly the protocol's content", async () => {
    assert.equal(
      await openArmor(parts(await seal()).armor, host.identity),
      `p24-content 1
name GRAFANA_ADMIN_PASSWORD
name SMTP_PASSWORD
name TZ
prune OLD_A
prune OLD_B
env
GRAFANA_ADMIN_PASSWORD=${VALUE}
SMTP_PASSWORD='two
lines'
TZ=Europe/Berlin
`,
    );
  });

  it("may be empty", async () => {
    const payload = await seal({ entries: new Map(), prune: [] });
    assert.equal(await openArmor(parts(payload).armor, host.identity), "p24-content 1\nenv\n");
  });

  it("does not open with anybody else's identity, and shows no value", async () => {
    const payload = await seal();
    await assert.rejects(openArmor(parts(payload).armor, stranger.identity));
    assert.deepEqual(leaked(payload, [VALUE]), []);
    assert.deepEqual(leaked(Buffer.from(parts(payload).armor, "base64").toString("latin1"), [VALUE]), []);
  });

  it("is fresh each time", async () => {
    assert.notEqual(parts(await seal()).armor, parts(await seal()).armor);
  });

  it("is signed over everything but its signature", async () => {
    const { signed, signature } = parts(await seal());
    const publicPart = signerPublicPart(SIGNING);
    assert.ok(verify(null, Buffer.from(signed), publicPart, signature));
    for (const [from, to] of [
      ["host vps-i1", "host vps-h1"],
      ["target monitoring", "target hostinger"],
      ["serial 42", "serial 43"],
      ["END AGE ENCRYPTED FILE-----\n", "END AGE ENCRYPTED FILE-----"],
    ] as const) {
      assert.equal(verify(null, Buffer.from(signed.replace(from, to)), publicPart, signature), false, from);
    }
  });

  it("is verified by openssl over what sed takes out, and refused after any change", async function () {
    needs(this, (await run("openssl", ["version"])).code === 0, "openssl");
    const at = (name: string) => join(folder(), name);
    writeFileSync(at("signer.pem"), signerPublicPart(SIGNING));
    const check = async (payload: string): Promise<boolean> => {
      writeFileSync(at("payload"), payload);
      writeFileSync(at("signed"), execFileSync("sed", ["-n", "1,4p;6,$p", at("payload")]));
      const line = execFileSync("sed", ["-n", "5p", at("payload")]).toString();
      writeFileSync(at("signature"), Buffer.from(line.trim().replace(/^signature /, ""), "base64"));
      const files = ["-inkey", at("signer.pem"), "-rawin", "-in", at("signed"), "-sigfile", at("signature")];
      return (await run("openssl", ["pkeyutl", "-verify", "-pubin", ...files])).code === 0;
    };
    const payload = await seal();
    assert.equal(await check(payload), true);
    assert.equal(await check(payload.replace("serial 42", "serial 43")), false);
    assert.equal(await check(payload.slice(0, -1)), false);
    assert.equal(
      await check(await sealPayload({ ...EMPTY, recipient: host.recipient }, new Secret(signerPem()))),
      false,
    );
  });

  it("is not made of a name that no file can have, and the error holds no value", async () => {
    await assert.rejects(seal({ entries: secretsOf({ "A-B": VALUE }) }), {
      name: "TypeError",
      message: "A-B cannot be written to a .env file",
    });
  });

  for (const recipient of ["", "age1placeholder-vps-i1"]) {
    it(`is not made for the recipient ${JSON.stringify(recipient)}, and the error holds no value`, async () => {
      await assert.rejects(
        seal({ recipient }),
        (error: Error) => leaked(`${error.message}${error.stack ?? ""}`, [VALUE, PEM]).length === 0,
      );
    });
  }
});
