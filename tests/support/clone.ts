/**
 * A small clone of the repository in a temporary folder: settings without any place, real sources encrypted by the real
 * sops, and a `pulumi` on PATH that only says so: a stand-in which writes down how it was called.
 */
import { chmod, mkdir, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

import { ageIdentity, signerPem, sshPair } from "./identities.js";
import { emptyHome, put, sopsText } from "./sopsFiles.js";

export interface Clone {
  readonly root: string;
  /** Finds the identity and the stand-in, and nothing of this machine's own. */
  readonly env: NodeJS.ProcessEnv;
  readonly stackValues: Readonly<Record<string, string>>;
  /** The developer's, whose identity the environment has. */
  readonly recipient: string;
  /** Another one that can open its sources: nobody is locked out. */
  readonly runner: string;
  /** The text of a source with these values. */
  encrypt(values: Readonly<Record<string, string>>): Promise<string>;
  /** The arguments of each call of the stand-in. */
  calls(): Promise<string[]>;
}

const PULUMI = `#!/bin/sh
# Stand-in for pulumi, of a test: writes its arguments down; its state is empty.
echo "$*" >> "$P24_TEST_CALLS"
case "$1 $2" in
"stack export") if [ -n "$P24_TEST_STATE" ]; then echo "$P24_TEST_STATE"; else echo "canary on stderr" >&2; exit 255; fi ;;
*) exit "\${P24_TEST_CODE:-0}" ;;
esac
`;

function sopsRules(developer: string, runner: string): string {
  const keys = `keys:\n  - &dev_test ${developer}\n  - &gha_runner ${runner}\n`;
  return `${keys}creation_rules:\n  - key_groups: [{ age: [*dev_test, *gha_runner] }]\n`;
}

export async function makeClone(root: string): Promise<Clone> {
  await mkdir(root, { recursive: true }); // sops is started in it, beside all that is written
  const [{ identity, recipient }, { recipient: runner }] = await Promise.all([ageIdentity(), ageIdentity()]);
  const encrypt: Clone["encrypt"] = (values) => sopsText(root, values, [recipient, runner]);
  const stackValues = {
    pulumi_passphrase: "a long passphrase",
    fingerprint_key: Buffer.alloc(32, 7).toString("base64"),
    payload_signing_key: signerPem(),
    sync_ssh_key: sshPair().private,
    backend_access_key_id: "backend id",
  };
  await Promise.all([
    put(root, "Pulumi.yaml", "name: p24-infra\n"),
    put(root, ".sops.yaml", sopsRules(recipient, runner)),
    put(root, "inventory.yaml", "secrets: {}\n"),
    put(
      root,
      "Pulumi.test.yaml",
      "config:\n  p24-infra:github: { owner: radieu, repositories: [] }\n  p24-infra:hosts: {}\n",
    ),
    put(root, "bin/pulumi", PULUMI),
    ...["shared", "github-actions"].map(async (name) =>
      put(root, `secrets/${name}.sops.yaml`, await encrypt({ [`of_${name.slice(0, 6)}`]: name })),
    ),
    put(root, "secrets/stack.sops.yaml", await encrypt(stackValues)),
  ]);
  await chmod(join(root, "bin/pulumi"), 0o755);
  const calls = join(root, "calls");
  const env = emptyHome(root, {
    PATH: `${join(root, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
    SOPS_AGE_KEY: identity,
    PULUMI_STACK: "test",
    P24_TEST_CALLS: calls,
    P24_TEST_STATE: "{}",
  });
  return {
    root,
    env,
    stackValues,
    recipient,
    runner,
    encrypt,
    calls: async () => (await readFile(calls, "utf8").catch(() => "")).split("\n").filter((line) => line !== ""),
  };
}
