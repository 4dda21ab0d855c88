/**
 * Private material of every form that the rules know, made while the tests run. Nothing of it exists anywhere, and no text
 * in this repository has such a form.
 */
import { generateKeyPairSync, type KeyExportOptions, randomBytes } from "node:crypto";

import { sshPair } from "../identities.js";
import { generator } from "../random.js";

/** One form: which rule must find it, and how one is made. */
export interface Form {
  readonly rule: string;
  readonly name: string;
  readonly make: () => string;
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const ALNUM = `${LETTERS}${LETTERS.toUpperCase()}0123456789`;

/**
 * The same signs in every run, unless P24_SEED says otherwise: about one random value in two thousand reads as words, and is
 * no secret by its look.
 */
const below = generator(Number(process.env["P24_SEED"] ?? 8));

/** So many random signs. */
export function signs(count: number, from = ALNUM): string {
  return Array.from({ length: count }, () => from[below(from.length)] ?? "").join("");
}

/** A text whose parts stand apart here, so that this file has no form of its own. */
export const joined = (...parts: readonly string[]) => parts.join("");

/** Words in the armor of PEM. */
export const armored = (label: string, body: string) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

const hex = (count: number) => signs(count, "0123456789abcdef");
const base32 = (count: number) => signs(count, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
const digits = (count: number) => `1${signs(count - 1, "0123456789")}`;
const jwt = (payload: object) =>
  [{ alg: "HS256", typ: "JWT" }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".") + `.${randomBytes(32).toString("base64url")}`;

type Pem = "pkcs1" | "pkcs8" | "sec1";

function pem(kind: "rsa" | "ec" | "ed25519", type: Pem, passphrase?: string): string {
  const { privateKey } =
    kind === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 1024 })
      : kind === "ec"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("ed25519");
  const locked = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
  return String(privateKey.export({ type, format: "pem", ...locked } as KeyExportOptions<"pem">));
}

/** `certificates`: digits of so many stand behind the kind, as issuers write them (RFC 7517, `x5c`). */
function jwk(kind: "rsa" | "ec" | "ed25519", certificates = 0): string {
  const pair =
    kind === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 1024 })
      : kind === "ec"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("ed25519");
  const { kty, ...rest } = pair.privateKey.export({ format: "jwk" });
  const x5c = Array.from({ length: certificates }, () => `MII${randomBytes(1200).toString("base64")}`);
  return JSON.stringify({ kty, ...(certificates === 0 ? {} : { x5c }), ...rest });
}

/** The digits of a PEM form without its armor, on one line. */
function bare(text: string): string {
  return text.replace(/-----.*-----/g, "").replace(/\s/g, "");
}

function putty(): string {
  const lines = (count: number) => Array.from({ length: count }, () => randomBytes(48).toString("base64")).join("\n");
  return [
    joined("PuTTY-User-", "Key-File-3: ssh-ed25519"),
    "Encryption: none",
    "Comment: somebody",
    "Public-Lines: 2",
    lines(2),
    "Private-Lines: 1",
    lines(1),
    `Private-MAC: ${hex(64)}`,
    "",
  ].join("\n");
}

const random = (from: string, count: number, before = "") => before + signs(count, from);

/** Identities of age are made by age's own library, which is loaded once for all. */
export async function materialForms(): Promise<Form[]> {
  const age = await import("age-encryption");
  const classic = await Promise.all(Array.from({ length: 40 }, () => age.generateX25519Identity()));
  const hybrid = await Promise.all(Array.from({ length: 40 }, () => age.generateHybridIdentity()));
  const taken = (list: string[]) => () => {
    const next = list.shift() ?? "";
    list.push(next);
    return next;
  };
  return [
    { rule: "age-identity", name: "age, classic", make: taken(classic) },
    { rule: "age-identity", name: "age, post-quantum", make: taken(hybrid) },
    { rule: "private-pem", name: "SSH, OpenSSH's form", make: () => sshPair().private },
    { rule: "private-pem", name: "RSA, PKCS#1", make: () => pem("rsa", "pkcs1") },
    { rule: "private-pem", name: "RSA, PKCS#8", make: () => pem("rsa", "pkcs8") },
    { rule: "private-pem", name: "RSA, encrypted PKCS#8", make: () => pem("rsa", "pkcs8", "a passphrase") },
    { rule: "private-pem", name: "RSA, encrypted PKCS#1", make: () => pem("rsa", "pkcs1", "a passphrase") },
    { rule: "private-pem", name: "EC, SEC1", make: () => pem("ec", "sec1") },
    { rule: "private-pem", name: "EC, PKCS#8", make: () => pem("ec", "pkcs8") },
    { rule: "private-pem", name: "Ed25519, PKCS#8", make: () => pem("ed25519", "pkcs8") },
    { rule: "private-pem", name: "Ed25519, PKCS#8 without armor", make: () => bare(pem("ed25519", "pkcs8")) },
    { rule: "private-pem", name: "RSA, PKCS#1 without armor", make: () => bare(pem("rsa", "pkcs1")) },
    { rule: "private-pem", name: "RSA, PKCS#8 without armor", make: () => bare(pem("rsa", "pkcs8")) },
    { rule: "private-pem", name: "EC, SEC1 without armor", make: () => bare(pem("ec", "sec1")) },
    { rule: "private-pem", name: "EC, PKCS#8 without armor", make: () => bare(pem("ec", "pkcs8")) },
    { rule: "private-pem", name: "OpenSSH's form without armor", make: () => bare(sshPair().private) },
    {
      rule: "private-pem",
      name: "PGP",
      make: () =>
        armored(
          "PGP PRIVATE KEY BLOCK",
          `Version: GnuPG v2\n\n${randomBytes(96).toString("base64").replace(/.{64}/g, "$&\n")}`,
        ),
    },
    { rule: "private-putty", name: "PuTTY", make: putty },
    { rule: "private-jwk", name: "JWK, EC", make: () => jwk("ec") },
    { rule: "private-jwk", name: "JWK, Ed25519", make: () => jwk("ed25519") },
    { rule: "private-jwk", name: "JWK, RSA", make: () => jwk("rsa") },
    { rule: "private-jwk", name: "JWK, RSA, with its certificates", make: () => jwk("rsa", 3) },
    { rule: "private-jwk", name: "JWK, EC, with its certificates", make: () => jwk("ec", 3) },
    ...["p", "o", "u", "r"].map((kind) => ({
      rule: "github",
      name: `GitHub gh${kind}`,
      make: () => joined("gh", kind, "_", signs(36)),
    })),
    { rule: "github", name: "GitHub ghs, short", make: () => joined("gh", "s_", signs(36)) },
    {
      rule: "github",
      name: "GitHub ghs, long",
      make: () => joined("gh", "s_", digits(7), "_", jwt({ iss: digits(6), v: signs(280) })),
    },
    { rule: "github", name: "GitHub fine-grained", make: () => joined("github", "_pat_", signs(22), "_", signs(59)) },
    ...["p", "i", "a", "r", "k"].map((kind) => ({
      rule: "vercel",
      name: `Vercel vc${kind}`,
      make: () => joined("vc", kind, "_", signs(56)),
    })),
    {
      rule: "vercel",
      name: "Vercel deploy hook",
      make: () => joined("https://api.vercel.com/v1/integrations/", "deploy/prj_", signs(28), "/", signs(10)),
    },
    ...["k", "ut", "at"].map((kind) => ({
      rule: "cloudflare",
      name: `Cloudflare cf${kind}`,
      make: () => joined("cf", kind, "_", signs(40), hex(8)),
    })),
    { rule: "cloudflare", name: "Cloudflare Origin CA", make: () => joined("v1", ".0-", hex(24), "-", hex(146)) },
    { rule: "supabase", name: "Supabase sbp", make: () => joined("sb", "p_", hex(40)) },
    { rule: "supabase", name: "Supabase sbp, scoped", make: () => joined("sb", "p_fc", hex(38)) },
    { rule: "supabase", name: "Supabase secret", make: () => joined("sb_", "secret_", signs(22), "_", signs(8)) },
    {
      rule: "supabase",
      name: "Supabase service_role",
      make: () => jwt({ iss: "supabase", ref: random(LETTERS, 20), role: "service_role", iat: 1_700_000_000 }),
    },
    ...["discord.com", "discordapp.com", "canary.discord.com"].map((host) => ({
      rule: "discord",
      name: `Discord webhook at ${host}`,
      make: () => joined("https://", host, "/api/web", "hooks/", digits(19), "/", signs(68)),
    })),
    {
      rule: "discord",
      name: "Discord bot",
      make: () => [Buffer.from(digits(18)).toString("base64url"), signs(6), signs(38)].join("."),
    },
    { rule: "slack", name: "Slack bot", make: () => joined("xo", "xb-", digits(12), "-", digits(13), "-", signs(24)) },
    { rule: "slack", name: "Slack user", make: () => joined("xo", "xp-", digits(12), "-", digits(12), "-", hex(32)) },
    { rule: "slack", name: "Slack app", make: () => joined("xa", "pp-1-A", base32(10), "-", digits(13), "-", hex(64)) },
    {
      rule: "slack",
      name: "Slack webhook",
      make: () => joined("https://hooks.slack", ".com/services/T", base32(10), "/B", base32(10), "/", signs(24)),
    },
    { rule: "aws", name: "AWS access id", make: () => joined("AK", "IA", base32(16)) },
    { rule: "aws", name: "AWS access id of a session", make: () => joined("AS", "IA", base32(16)) },
    { rule: "issuer", name: "npm", make: () => joined("np", "m_", signs(36)) },
    { rule: "issuer", name: "Pulumi", make: () => joined("pu", "l-", hex(40)) },
    { rule: "issuer", name: "Grafana", make: () => joined("gl", "sa_", signs(32), "_", hex(8)) },
    { rule: "issuer", name: "Docker", make: () => joined("dckr", "_pat_", signs(27)) },
    { rule: "issuer", name: "Stripe", make: () => joined("sk", "_live_", signs(24)) },
    { rule: "issuer", name: "Anthropic", make: () => joined("sk", "-ant-api03-", signs(80)) },
    { rule: "issuer", name: "Google", make: () => joined("AI", "za", signs(35)) },
    { rule: "issuer", name: "SendGrid", make: () => joined("S", "G.", signs(22), ".", signs(43)) },
    { rule: "issuer", name: "GitLab", make: () => joined("gl", "pat-", signs(20)) },
  ];
}

/** Values that show by their name only, in the writing of many languages. */
export function assignmentForms(): Form[] {
  const value = () => signs(32);
  const symbols = () => `${signs(8)}!${signs(4)}#${signs(4)}$${signs(2)}%${signs(6)}`;
  const row = (name: string, make: () => string, rule = "assignment"): Form => ({ rule, name, make });
  return [
    row("shell", () => `export WAHA_API_KEY=${value()}`),
    row("dotenv, quoted", () => `SMTP_PASSWORD='${symbols()}'`),
    row("YAML", () => `smtp_password: ${value()}`),
    row("YAML, quoted", () => `  client_secret: "${value()}"`),
    row("compose", () => `      - GRAFANA_ADMIN_PASSWORD=${value()}`),
    row("JSON", () => `{ "accessToken": "${value()}" }`),
    row("JSON, hex", () => `{ "encryption_key": "${hex(64)}" }`),
    row("TOML", () => `db_password = "${symbols()}"`),
    row("ini", () => `secret_access_key = ${signs(40)}`),
    row("JavaScript", () => `const apiKey = "${value()}";`),
    row("TypeScript, member", () => `    authToken: '${hex(40)}',`),
    row("Python", () => `WEBHOOK_SECRET = '${value()}'`),
    row("PHP", () => `'password' => '${value()}',`),
    row("Go", () => `passphrase := "${value()}"`),
    row("Ruby", () => `config[:api_key] = "${value()}"`),
    row("PowerShell", () => `$env:CLOUDFLARE_API_TOKEN = "${signs(40)}"`),
    row("Wasabi", () => `wasabi_secret_access_key: ${signs(40, `${ALNUM}/+`)}`),
    row("Vercel's former form", () => `VERCEL_TOKEN=${signs(24)}`),
    row("Cloudflare's former form", () => `CF_API_TOKEN: ${signs(40)}`),
    row("Cloudflare's former global form", () => `X-Auth-Key: ${hex(37)}`),
    row("n8n", () => `N8N_ENCRYPTION_KEY=${signs(32)}`),
    row("header", () => `Authorization: Bearer ${value()}`),
    row("curl", () => `curl -H "Authorization: Bearer ${hex(48)}" https://api.example.com`),
    row("basic", () => `Authorization: Basic ${Buffer.from(`user:${value()}`).toString("base64")}`),
    row("flag", () => `login --password ${value()}`),
    row("flag with equals", () => `tool --api-token=${hex(40)} list`),
    row("XML", () => `  <password>${value()}</password>`),
    row("XML, attribute", () => `<add key="ApiSecret" value="${value()}" />`),
    row("properties", () => `spring.datasource.password=${symbols()}`),
    row("call", () => `setDefault("clientSecret", "${value()}")`),
    row("minified", () => `var a={b:1,apiSecret:"${value()}",c:2}`),
    row("database", () => `DATABASE_URL=postgres://app:${signs(20)}@db1.internal.net:5432/app`, "address-password"),
    row("redis", () => `redis://:${signs(24)}@cache.internal.net:6379/0`, "address-password"),
    row("SMTP", () => `smtps://mailer:${signs(16)}@smtp.provider.net:465`, "address-password"),
    row("git remote", () => `git clone https://bot:${signs(30)}@git.provider.net/x.git`, "address-password"),
  ];
}
