/** Proves that what the program itself needs is complete and well-formed before anything is done with it. */
import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";

import ssh2 from "ssh2";

import { takeStackSecrets } from "../../../core/model/stackSecrets.js";
import { canary, leaked } from "../../support/canary.js";
import { faultsOf } from "../../support/faults.js";
import { signerPem, sshPair } from "../../support/identities.js";
import { expectedPrints, printsOf, sourceOf } from "../../support/secrets.js";

const FILE = "secrets/stack.sops.yaml";
const MADE = `Repair: sops edit ${FILE}; docs/bootstrap.md says how it is made`;

function complete(): Record<string, string> {
  return {
    pulumi_passphrase: "a long passphrase",
    fingerprint_key: randomBytes(32).toString("base64"),
    payload_signing_key: signerPem(),
    sync_ssh_key: sshPair().private,
  };
}

/** Can encrypt, cannot sign. */
function x25519Pem(): string {
  return generateKeyPairSync("x25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** A private part that asks for a passphrase. */
function lockedPair(): string {
  return ssh2.utils.generateKeyPairSync("ed25519", { cipher: "aes256-ctr", passphrase: "open", rounds: 2 }).private;
}

describe("the program's own secrets", () => {
  it("are taken when the four that it needs are there", () => {
    const values = complete();
    assert.deepEqual(
      printsOf(new Map(Object.entries(takeStackSecrets(sourceOf(FILE, values))))),
      expectedPrints(values),
    );
  });

  it("may hold the optional ones", () => {
    const values = {
      ...complete(),
      backend_access_key_id: "a",
      backend_secret_access_key: "b",
      vercel_token: "c",
      alert_webhook_url: "https://discord.com/api/webhooks/1/a-_1",
    };
    assert.deepEqual(Object.keys(takeStackSecrets(sourceOf(FILE, values))).sort(), Object.keys(values).sort());
  });

  it("may end without a newline, as sops edit leaves them", () => {
    const values = complete();
    const trimmed = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.trimEnd()]));
    takeStackSecrets(sourceOf(FILE, trimmed));
  });

  const malformed: readonly [string, string, string][] = [
    ["pulumi_passphrase", "too short", "does not have its form"],
    ["fingerprint_key", randomBytes(31).toString("base64"), "does not have its form"],
    ["fingerprint_key", randomBytes(32).toString("hex"), "does not have its form"],
    ["payload_signing_key", "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n", "does not have its form"],
    ["payload_signing_key", x25519Pem(), "does not have its form"],
    ["payload_signing_key", signerPem().replace(/.\n-----END/, "\n-----END"), "does not have its form"],
    ["sync_ssh_key", sshPair().public, "does not have its form"],
    ["sync_ssh_key", lockedPair(), "does not have its form"],
    ["sync_ssh_key", "PLACEHOLDER", "still has the template's placeholder"],
    ["vercel_token", "PLACEHOLDER", "still has the template's placeholder"],
    ["alert_webhook_url", "https://discord.com.example.test/api/webhooks/1/a", "does not have its form"],
    ["alert_webhook_url", "https://discord.com/api/webhooks/1/a?wait=true", "does not have its form"],
  ];
  for (const [key, value, what] of malformed) {
    it(`are refused when ${key} ${what}`, () => {
      assert.deepEqual(
        faultsOf(() => takeStackSecrets(sourceOf(FILE, { ...complete(), [key]: value }))),
        [`${FILE}: ${key}: ${what}. ${MADE}`],
      );
    });
  }

  it("are refused with all that is missing, malformed or does not belong here, and none of it is shown", () => {
    const secret = canary();
    const lines = faultsOf(() =>
      takeStackSecrets(sourceOf(FILE, { smtp_password: secret, fingerprint_key: secret, pulumi_passphrase: "x" })),
    );
    assert.deepEqual(lines, [
      `${FILE}: pulumi_passphrase: does not have its form. ${MADE}`,
      `${FILE}: fingerprint_key: does not have its form. ${MADE}`,
      `${FILE}: payload_signing_key: is missing. ${MADE}`,
      `${FILE}: sync_ssh_key: is missing. ${MADE}`,
      `${FILE}: smtp_password: is not known: this file holds only what the program itself needs. Repair: move it to ` +
        "the file of its place",
    ]);
    assert.deepEqual(leaked(lines.join("\n"), [secret]), []);
  });
});
