/** Proves which secrets, and which alone, a child that runs the engine finds in its environment. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { takeStackSecrets } from "../../../core/model/stackSecrets.js";
import { engineEnvironment } from "../../../core/seal/environment.js";
import { signerPem, sshPair } from "../../support/identities.js";
import { sourceOf } from "../../support/secrets.js";

const REQUIRED = {
  pulumi_passphrase: "a long passphrase",
  fingerprint_key: randomBytes(32).toString("base64"),
  payload_signing_key: signerPem(),
  sync_ssh_key: sshPair().private,
};

describe("the engine's environment", () => {
  const cases: readonly [string, Record<string, string>, Record<string, string>][] = [
    ["the passphrase alone, when nothing else is there", {}, {}],
    [
      "the backend's and the providers' credentials where git has them",
      {
        backend_access_key_id: "b1",
        backend_secret_access_key: "b2",
        cloudflare_deploy_token: "c",
        cloudflare_zone_token: "z",
        vercel_token: "v",
      },
      { AWS_ACCESS_KEY_ID: "b1", AWS_SECRET_ACCESS_KEY: "b2", CLOUDFLARE_API_TOKEN: "c" },
    ],
  ];
  for (const [title, optional, expected] of cases) {
    it(`holds ${title}; neither the signing nor the SSH key`, () => {
      const secrets = takeStackSecrets(sourceOf("secrets/stack.sops.yaml", { ...REQUIRED, ...optional }));
      assert.deepEqual(engineEnvironment(secrets), { PULUMI_CONFIG_PASSPHRASE: "a long passphrase", ...expected });
    });
  }
});
