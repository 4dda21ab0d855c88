import { type Fault, FaultsError } from "../fault.js";
import { matches, type Secret } from "../seal/secret.js";
import type { Source } from "../sources/decrypt.js";
import { TEMPLATE_VALUE } from "./names.js";

/** What the program itself needs, by key of secrets/stack.sops.yaml; it is sent nowhere. Each with the form it must have. */
const REQUIRED = {
  pulumi_passphrase: ".{12,}",
  /** 32 random bytes in base64: `openssl rand -base64 32`. */
  fingerprint_key: "[A-Za-z0-9+/]{43}=",
  /** Ed25519 private part in PKCS#8 PEM: `openssl genpkey -algorithm ed25519`. */
  payload_signing_key:
    "-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEI[A-Za-z0-9+/]{43}\\n-----END PRIVATE KEY-----\\n?",
  /** Private part in OpenSSH's format, without a passphrase: `ssh-keygen -t ed25519 -N ''`. */
  sync_ssh_key:
    "-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ.*-----END OPENSSH PRIVATE KEY-----\\n?",
} as const;

const OPTIONAL = {
  /** Address of a webhook of a channel at Discord: whoever has it can write there (core/announce). */
  alert_webhook_url: "https://discord\\.com/api/webhooks/\\d{1,20}/[A-Za-z0-9_\\-]+",
  backend_access_key_id: ".+",
  backend_secret_access_key: ".+",
  cloudflare_deploy_token: ".+",
  cloudflare_zone_token: ".+",
  vercel_token: ".+",
} as const;

export type StackSecrets = Readonly<
  Record<keyof typeof REQUIRED, Secret> & Partial<Record<keyof typeof OPTIONAL, Secret>>
>;

/** Takes the program's own values out of their source. Throws a FaultsError with all that is missing or malformed. */
export function takeStackSecrets(source: Source): StackSecrets {
  const faults: Fault[] = [];
  const repair = `sops edit ${source.path}; docs/bootstrap.md says how it is made`;
  for (const [key, form] of Object.entries(REQUIRED)) {
    const secret = source.values.get(key);
    const what = secret === undefined ? "is missing" : problem(secret, form);
    if (what !== undefined) {
      faults.push({ where: source.path, name: key, what, repair });
    }
  }
  for (const [key, form] of Object.entries(OPTIONAL)) {
    const secret = source.values.get(key);
    const what = secret === undefined ? undefined : problem(secret, form);
    if (what !== undefined) {
      faults.push({ where: source.path, name: key, what, repair });
    }
  }
  const known: readonly string[] = [...Object.keys(REQUIRED), ...Object.keys(OPTIONAL)];
  for (const key of source.values.keys()) {
    if (!known.includes(key)) {
      const what = "is not known: this file holds only what the program itself needs";
      faults.push({ where: source.path, name: key, what, repair: `move it to the file of its place` });
    }
  }
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
  return Object.fromEntries(source.values) as StackSecrets;
}

/** Why a value cannot be the one of this key, `undefined` when it can. */
export function stackValueProblem(key: string, secret: Secret): string | undefined {
  const form = Object.entries({ ...REQUIRED, ...OPTIONAL }).find(([name]) => name === key)?.[1];
  return form === undefined ? "is not known" : problem(secret, form);
}

function problem(secret: Secret, form: string): string | undefined {
  if (matches(secret, TEMPLATE_VALUE)) {
    return "still has the template's placeholder";
  }
  return matches(secret, form) ? undefined : "does not have its form";
}
