import { generateKeyPairSync, randomBytes } from "node:crypto";

import { makeSshIdentity } from "../hosts/identity.js";

/** Sources of a realistic team: file below secrets/ (without ending) to key to value. */
export type TeamSecrets = Readonly<
  Record<"shared" | "vps-i1" | "vps-h1" | "github-actions" | "stack", Readonly<Record<string, string>>>
>;

/** Random characters that mark a value, so that a leak of it can be found anywhere. */
function canary(): string {
  return `cnry${randomBytes(12).toString("hex")}`;
}

/**
 * Fresh values on every call; each holds a canary of its own. Among them is everything that breaks naive `.env` writers:
 * `$`, `#`, both quotes, backslashes, blanks, line ends, non-ASCII, a PEM block, a service-account JSON.
 */
export function makeTeamSecrets(): TeamSecrets {
  return {
    shared: {
      discord_webhook_alerts: `https://discord.com/api/webhooks/1180000000000000001/${canary()}`,
      discord_webhook_deploys: `https://discord.com/api/webhooks/1180000000000000002/${canary()}`,
      smtp_host: `smtp-${canary()}.example.test`,
      smtp_user: `alerts+${canary()}@example.test`,
      smtp_password: `pa$$word ${canary()} #1 "quoted" 'single' \\back\\`,
      wasabi_access_key_id: canary().toUpperCase(),
      wasabi_secret_access_key: `${canary()}/+${canary()}`,
      pdf_service_api_key: `pdfk_${canary()}`,
      supabase_service_role_key: jsonWebForm(),
      supabase_url: `https://${canary()}.supabase.test`,
      sentry_dsn: `https://${canary()}@sentry.example.test/42`,
      redis_password: `\${NOT_A_VARIABLE} ${canary()}`,
      jwt_signing_secret: randomBytes(64).toString("base64") + canary(),
      webhook_signing_secret: `whsec_${canary()}=`,
      maps_license: `line one ${canary()}\nline two\n`,
      backup_passphrase: `  korrekt ${canary()} Pferd Batterie  `,
      proxy_credentials: `nutzer:${canary()}@[::1]`,
      greeting_salt: `zażółć gęślą jaźń ${canary()} 漢字 🔑`,
    },
    "vps-i1": {
      grafana_admin_password: `gr'a"f$ana ${canary()}`,
      supabase_grafana_password: `${canary()}\\`,
      alertmanager_basic_auth: `admin:$2y$10$${canary()}`,
      thanos_objstore_yaml: `type: S3\nconfig:\n  bucket: "${canary()}"\n  insecure: false # never\n`,
      prometheus_remote_password: `a=b;c=${canary()}`,
      loki_tenant_secret: canary(),
    },
    "vps-h1": {
      n8n_encryption_key: randomBytes(24).toString("base64url") + canary(),
      waha_api_key: `waha_${canary()}`,
      trello_api_secret: canary(),
      gmail_client_secret: `GOCSPX-${canary()}`,
      n8n_basic_auth_password: `it's ${canary()} \\' tricky`,
      postgres_password: `${canary()}%40#?&`,
    },
    "github-actions": {
      supabase_access_token: `sbp_${canary()}`,
      deploy_webhook_url: `https://hooks.example.test/${canary()}`,
      codecov_upload_credential: canary(),
      npm_publish_credential: `npm_${canary()}`,
      app_signing_pem: privatePem(),
      gcp_service_account: serviceAccount(),
      e2e_user_password: `\t${canary()}\t"x"`,
      snyk_credential: canary(),
      lighthouse_server_credential: canary(),
      release_notes_webhook: `https://discord.com/api/webhooks/1180000000000000003/${canary()}`,
      cache_signing_secret: randomBytes(33).toString("base64") + canary(),
      android_keystore_base64: randomBytes(1500).toString("base64") + canary(),
    },
    stack: makeStackSecrets(),
  };
}

/** The program's own values; the forms are those of core/model/stackSecrets.ts. */
export function makeStackSecrets(): Record<string, string> {
  const signing = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
  return {
    pulumi_passphrase: `passphrase ${canary()}`,
    fingerprint_key: randomBytes(32).toString("base64"),
    payload_signing_key: signing.toString(),
    sync_ssh_key: makeSshIdentity("p24-sync").private,
  };
}

function privatePem(): string {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function serviceAccount(): string {
  const account = {
    type: "service_account",
    project_id: canary(),
    private_key_id: randomBytes(20).toString("hex"),
    private_key: privatePem(),
    client_email: `ci@${canary()}.example.test`,
  };
  return JSON.stringify(account, undefined, 2);
}

/** Looks like a signed claim set, as Supabase's legacy keys do. */
function jsonWebForm(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256", typ: "JWT" })}.${part({ role: "service_role", ref: canary() })}.${canary()}`;
}
