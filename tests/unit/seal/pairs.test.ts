/** Proves that what init generates is what the program takes: by the form that the sources demand, and by using it. */
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";

import ssh2 from "ssh2";

import { takeStackSecrets } from "../../../core/model/stackSecrets.js";
import { startAgent, syncPublicPart } from "../../../core/seal/agent.js";
import { makeSigner, makeSyncIdentity } from "../../../core/seal/pairs.js";
import { sealPayload, signerPublicPart } from "../../../core/seal/payload.js";
import { Secret } from "../../../core/seal/secret.js";
import { makeSshIdentity } from "../../../sandbox/hosts/identity.js";
import { ageIdentity } from "../../support/identities.js";

describe("generated pairs", () => {
  it("have the forms of their source", () => {
    const values = new Map([
      ["pulumi_passphrase", new Secret("a long passphrase")],
      ["fingerprint_key", new Secret(Buffer.alloc(32, 1).toString("base64"))],
      ["payload_signing_key", makeSigner()],
      ["sync_ssh_key", makeSyncIdentity()],
    ]);
    takeStackSecrets({ path: "secrets/stack.sops.yaml", recipients: new Set(), values });
  });

  it("sign payloads that their public part verifies", async () => {
    const signer = makeSigner();
    const { recipient } = await ageIdentity();
    const payload = { host: "vps-i1", target: "monitoring", serial: 1, entries: new Map(), prune: [], recipient };
    const sealed = await sealPayload(payload, signer);
    const [, head = "", signature = "", body = ""] = /^(.*?)signature (\S+)\n(.*)$/s.exec(sealed) ?? [];
    const shown = createPublicKey(signerPublicPart(signer));
    assert.ok(verify(null, Buffer.from(head + body), shown, Buffer.from(signature, "base64")));
  });

  it("log in through the agent", async () => {
    const identity = makeSyncIdentity();
    const agent = await startAgent(identity);
    try {
      const listed = await new Promise<string[]>((resolve, reject) => {
        new ssh2.OpenSSHAgent(agent.socket).getIdentities((error, found) => {
          if (error) {
            reject(error);
          } else {
            resolve((found ?? []).map((one) => (one as ssh2.ParsedKey).getPublicSSH().toString("base64")));
          }
        });
      });
      assert.deepEqual(listed, [(await syncPublicPart(identity)).split(" ")[1]]);
    } finally {
      await agent.close();
    }
  });

  it("are other ones each time, and whole also when a public part begins with zeros", () => {
    const pairs = Array.from({ length: 600 }, () => makeSshIdentity());
    assert.equal(new Set(pairs.map((pair) => pair.public)).size, pairs.length);
    for (const pair of pairs) {
      const parsed = ssh2.utils.parseKey(pair.private);
      assert.ok(!(parsed instanceof Error));
      assert.equal(`${parsed.type} ${parsed.getPublicSSH().toString("base64")}`, pair.public);
    }
  });
});
