/** Texts that hold no secret and look as if they might: what a repository is full of. Made while the tests run, or real. */
import { createHash, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { transformSync } from "esbuild";

import { ageArmor, ageIdentity, sshPair } from "../identities.js";
import { armored, joined, signs } from "./material.js";

export interface Harmless {
  readonly family: string;
  readonly path: string;
  readonly content: Buffer;
}

const ROOT = join(__dirname, "../../..");
const hash = (kind: string, encoding: "hex" | "base64" = "hex") =>
  createHash(kind).update(randomBytes(9)).digest(encoding);
const repeat = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

/** All families, each with its own count. */
export async function harmless(): Promise<Harmless[]> {
  const families: Record<string, [path: string, text: string | Buffer][]> = {
    "lock files": lockFiles(),
    hashes: hashes(),
    identifiers: identifiers(),
    "minified code": minified(),
    fixtures: fixtures(),
    "public parts": await publicParts(),
    "encrypted files": await encrypted(),
    "texts about forms": texts(),
    "references and placeholders": references(),
    "code that handles secrets": code(),
    binaries: binaries(),
    "packages of others": packages(),
  };
  return Object.entries(families).flatMap(([family, files]) =>
    files.map(([path, text]) => ({ family, path, content: Buffer.from(text as Buffer) })),
  );
}

function lockFiles(): [string, string][] {
  const lock = readFileSync(join(ROOT, "package-lock.json"), "utf8").split("\n");
  const size = Math.ceil(lock.length / 24);
  const slices = repeat(24, (at): [string, string] => [
    `part${String(at)}/package-lock.json`,
    lock.slice(at * size, (at + 1) * size).join("\n"),
  ]);
  const sums = readdirSync(join(ROOT, "toolchain/go"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }): [string, string] => [
      `${name}/go.sum`,
      readFileSync(join(ROOT, "toolchain/go", name, "go.sum"), "utf8"),
    ]);
  const yarn = repeat(
    6,
    (at) =>
      `"pkg${String(at)}@^1.2.3":\n  version "1.2.3"\n  resolved "https://registry.example/pkg/-/pkg-1.2.3.tgz#${hash("sha1")}"\n  integrity sha512-${hash("sha512", "base64")}\n`,
  );
  return [...slices, ...sums, ...yarn.map((text, at): [string, string] => [`y${String(at)}/yarn.lock`, text])];
}

function hashes(): [string, string][] {
  const rows = [
    () => `${hash("sha256")}  p24-infra.tar.gz\n${hash("sha256")}  other.zip\n`,
    () => `FROM node:22@sha256:${hash("sha256")}\n`,
    () => `<script src="a.js" integrity="sha384-${hash("sha384", "base64")}" crossorigin="anonymous"></script>\n`,
    () => `      - uses: actions/checkout@${hash("sha1")} # v5.0.0\n`,
    () => `100644 blob ${hash("sha1")}\tREADME.md\n100755 blob ${hash("sha1")}\trun\n`,
    () => `etag: W/"${hash("md5")}"\nlast-modified: today\n`,
    () => `"contentHash": "${hash("sha256")}",\n"cacheKey": "${hash("sha256")}",\n`,
    () => `const fingerprint = "${hash("sha256")}";\nconst tokenDigest = "${hash("sha256")}";\n`,
    () => `password_sha256_checksum: ${hash("sha256")}\n`,
    () => `SHA256:${hash("sha256", "base64").replace(/=+$/, "")} root@vps (ED25519)\n`,
    () => `revision = "${hash("sha1")}"\nsourceHash: ${hash("md5")}\n`,
    () => `converged at ${hash("sha1")}, ledger ${hash("sha256").slice(0, 8)}\n`,
  ];
  return rows.flatMap((row, at) =>
    repeat(3, (time): [string, string] => [`hash/${String(at)}-${String(time)}.txt`, row()]),
  );
}

function identifiers(): [string, string][] {
  const rows = [
    () => `{ "id": "${randomUUID()}", "tenant": "${randomUUID()}" }\n`,
    () => `client_id: ${randomUUID()}\ntokenId: ${randomUUID()}\n`,
    () => `INSERT INTO users VALUES ('${randomUUID()}', 'somebody');\n`,
    () => `CLOUDFLARE_ACCOUNT_ID=${hash("md5")}\nCLOUDFLARE_ZONE_ID=${hash("md5")}\n`,
    () => `key_id: "${signs(18, "0123456789")}"\nAPP_ID=${signs(7, "123456789")}\n`,
    () => `project: prj_${signs(28)}\nteam: team_${signs(24)}\n`,
    () => `traceparent: 00-${hash("md5")}-${hash("md5").slice(0, 16)}-01\n`,
    () => `session_id_prefix = "sess"\nsecretName: ${randomUUID()}\n`,
    () => `next_page_token: ${signs(40)}\ncontinuationToken: "${signs(32)}"\n`,
    () => `build 20261126.${signs(4, "123456789")} at 2026-11-26T04:22:11Z, v3.259.0+${hash("sha1").slice(0, 12)}\n`,
  ];
  return rows.flatMap((row, at) =>
    repeat(3, (time): [string, string] => [`id/${String(at)}-${String(time)}.txt`, row()]),
  );
}

function minified(): [string, string][] {
  const sources = tree(join(ROOT, "core"), /\.ts$/).slice(0, 40);
  return sources.map((file, at) => [
    `dist/${String(at)}.min.js`,
    transformSync(readFileSync(file, "utf8"), { loader: "ts", minify: true }).code,
  ]);
}

function fixtures(): [string, string][] {
  const rows = [
    `{ "user": "ada", "password": "password", "token": "abc" }`,
    `login("ada@example.com", "correct horse battery staple")`,
    `password: "hunter2"\nother: "letmein"\n`,
    `DATABASE_URL=postgres://postgres:postgres@localhost:5432/test\n`,
    `redis://user:password@127.0.0.1:6379\n`,
    `amqp://guest:guest@rabbitmq:5672\n`,
    `https://user:password@example.com/path\n`,
    `const token = "test-token-for-unit-tests";\n`,
    `apiKey: 'your-api-key-here',\n`,
    `secret: "s3cr3t"\n`,
    `const PASSWORD = "aaaaaaaaaaaaaaaaaaaaaaaa";\n`,
    `api_key = "0000000000000000000000000000000000000000"\n`,
    `token: 'abcdefghijklmnopqrstuvwxyz'\n`,
    `secret_key: "${"1234567890abcdef".repeat(2)}"\n`,
    joined("gh", "p_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
    joined("gh", "p_abcdefghijklmnopqrstuvwxyz0123456789\n"),
    joined("AK", "IAIOSFODNN7EXAMPLE\n"),
    joined("aws_secret_access", "_key = wJalrXUtnFEMI", "/K7MDENG/bPxRfiCYEXAMPLEKEY\n"),
    `https://discord.com/api/webhooks/000000000000000000/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n`,
    joined("https://hooks.slack", ".com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX\n"),
    joined("AGE-SECRET-", "KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ\n"),
    armored("PRIVATE KEY", "..."),
    armored("OPENSSH PRIVATE KEY", "(your private part here)"),
    `sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n`,
    `name,email,phone\nAda,ada@example.com,+44 20 7946 0000\n`,
    `"passwordHint": "the name of your first pet",\n"tokenLabel": "Access token",\n`,
  ];
  return rows.map((text, at) => [`fixtures/${String(at)}.txt`, text]);
}

async function publicParts(): Promise<[string, string][]> {
  const age = await import("age-encryption");
  const hybrid = await age.identityToRecipient(await age.generateHybridIdentity());
  const recipients = await Promise.all(repeat(6, async () => (await ageIdentity()).recipient));
  const ssh = repeat(6, () => sshPair().public);
  const pairs = repeat(6, () => generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
  const anon = (role: string) =>
    [
      { alg: "HS256", typ: "JWT" },
      { iss: "supabase", ref: signs(20), role, iat: 1 },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".") + `.${randomBytes(32).toString("base64url")}`;
  const certificate = () =>
    `-----BEGIN CERTIFICATE-----\n${randomBytes(480).toString("base64").replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
  return [
    ...recipients.map((one, at): [string, string] => [`pub/r${String(at)}.yaml`, `  - &dev_${String(at)} ${one}\n`]),
    ["pub/hybrid.txt", `recipient: ${hybrid}\n`],
    ...ssh.map((one, at): [string, string] => [`pub/authorized${String(at)}`, `restrict,command="x" ${one} sync\n`]),
    ...ssh.map((one, at): [string, string] => [`pub/known_hosts${String(at)}`, `vps.example ${one}\n`]),
    ...pairs.map((one, at): [string, string] => [
      `pub/p${String(at)}.crt`,
      one.export({ type: "spki", format: "pem" }).toString(),
    ]),
    ...pairs.map((one, at): [string, string] => [
      `pub/jwks${String(at)}.json`,
      JSON.stringify({ keys: [{ ...one.export({ format: "jwk" }), kid: hash("sha256"), use: "sig" }] }),
    ]),
    ...repeat(4, (at): [string, string] => [`pub/c${String(at)}.crt`, certificate()]),
    ["pub/anon.txt", `NEXT_PUBLIC_SUPABASE_ANON=${anon("anon")}\n`],
    ["pub/publishable.txt", `NEXT_PUBLIC_SUPABASE=sb_publishable_${signs(22)}_${signs(8)}\n`],
  ];
}

async function encrypted(): Promise<[string, string | Buffer][]> {
  const { recipient } = await ageIdentity();
  const enc = () =>
    `ENC[AES256_GCM,data:${randomBytes(24).toString("base64")},iv:${randomBytes(32).toString("base64")},tag:${randomBytes(16).toString("base64")},type:str]`;
  const armor = await Promise.all(repeat(8, () => ageArmor(signs(300), recipient)));
  const indented = (text: string) => text.trimEnd().replace(/^/gm, "            ");
  const sops = armor.map((text, at): [string, string] => [
    `secrets/s${String(at)}.sops.yaml`,
    [
      `smtp_password: ${enc()}`,
      `#${enc().replace("type:str", "type:comment")}`,
      `api_key: ${enc()}`,
      "sops:",
      "    age:",
      `        - recipient: ${recipient}`,
      "          enc: |",
      indented(text),
      `    lastmodified: "2026-11-26T04:00:00Z"`,
      `    mac: ${enc()}`,
      "    version: 3.13.3",
      "",
    ].join("\n"),
  ]);
  return [
    ...sops,
    ...armor.map((text, at): [string, string] => [`enc/a${String(at)}.age`, text]),
    ...repeat(4, (at): [string, Buffer] => [`enc/b${String(at)}.bin`, randomBytes(5000)]),
    ...repeat(4, (at): [string, string] => [
      `enc/v${String(at)}.yml`,
      `$ANSIBLE_VAULT;1.1;AES256\n${randomBytes(200).toString("hex").replace(/.{80}/g, "$&\n")}\n`,
    ]),
    ...repeat(4, (at): [string, string] => [
      `enc/m${String(at)}.asc`,
      `-----BEGIN PGP MESSAGE-----\n\n${randomBytes(300).toString("base64").replace(/.{64}/g, "$&\n")}\n-----END PGP MESSAGE-----\n`,
    ]),
    ["secrets/t.sops.yaml", `# TEMPLATE - placeholder values.\nsmtp_password: PLACEHOLDER\napi_key: PLACEHOLDER\n`],
  ];
}

function texts(): [string, string][] {
  const rows = [
    `App tokens start with \`ghs_\`, personal ones with \`ghp_\`.\n`,
    `A post-quantum identity starts with \`AGE-SECRET-KEY-PQ-1\`.\n`,
    joined(`if (text.startsWith("-----BEGIN`, ` PRIVATE KEY-----")) { refuse(); }\n`),
    joined("const PEM = /-----BEGIN (?:[A-Z]+ )?PRIVATE", " KEY-----[\\s\\S]+?-----END/;\n"),
    `match: ghs_[A-Za-z0-9._-]{36,}\n`,
    `Save the AGE-SECRET-KEY-1... line to the password safe.\n`,
    `Supabase's keys are \`sb_secret_...\` and \`sb_publishable_...\`; tokens are \`sbp_...\`.\n`,
    `https://discord.com/api/webhooks/ID/TOKEN is a credential.\n`,
    `https://hooks.slack.com/services/T.../B.../... posts a message.\n`,
    `Vercel: vcp_ for personal, vci_ for integrations; Cloudflare: cfut_, cfat_.\n`,
    `grep -E 'AKIA[0-9A-Z]{16}' -r .\n`,
    `The header is "Authorization: Bearer <token>".\n`,
    `The header is "Authorization: Bearer $TOKEN".\n`,
    `Set the password with \`--password-stdin\`, never with --password PASSWORD.\n`,
    `- secret: a value that opens something\n- token: a secret that ends by itself\n`,
    `passphrase: the one of the stack; fingerprint_key: openssl rand -base64 32\n`,
    `"Password": "Passwort eingeben", "Forgot password?": "Passwort vergessen?"\n`,
    `key: The quick brown fox jumps over the lazy dog\n`,
    `SUPABASE_SERVICE_ROLE_KEY is read by the server only, at /opt/p24-infra/monitoring\n`,
    `token_url: https://login.example.com/oauth2/v2.0/authorize?response_type=code&scope=openid\n`,
    `passwordless: true\nauthor: Somebody Important\nauthority: https://login.example.com\n`,
    `keyboard: us-intl\nmonkey: business-as-usual-2026\n`,
    `The Wasabi key has 20 signs, like ABCDEFGHIJ0123456789, and the secret 40.\n`,
    `ssh-keygen -t ed25519 -N '' -f sync; age-keygen -o personal\n`,
    `eyJhbGciOi... is the beginning of every JWT.\n`,
    `Fine-grained tokens look like github_pat_11AAAAAAA0aaaaaaaaaaaa_aaaa.\n`,
  ];
  return rows.map((text, at) => [`docs/${String(at)}.md`, text]);
}

function references(): [string, string][] {
  const rows = [
    `        env:\n          API_TOKEN: \${{ secrets.API_TOKEN }}\n`,
    `    environment:\n      SMTP_PASSWORD: \${SMTP_PASSWORD}\n      WAHA_API_KEY: \${WAHA_API_KEY:?missing}\n`,
    `const token = process.env.GITHUB_TOKEN;\n`,
    `password = os.environ["DB_PASSWORD"]\n`,
    `password: "{{ vault_db_password_production }}"\n`,
    `secret = var.client_secret_of_the_application\n`,
    `api_key = data.vault_generic_secret.api.data["key"]\n`,
    `export TOKEN=$(gh auth token)\n`,
    `$env:SOPS_AGE_KEY_FILE = "C:\\Users\\somebody\\.age\\personal.txt"\n`,
    `password_file: /run/secrets/grafana_admin_password\n`,
    `SECRET_PATH=/opt/p24-infra/monitoring/secrets/2026\n`,
    `token: op://vault/item-2026/field-name-1\n`,
    `secretRef: arn:aws:secretsmanager:eu-central-1:123456789012:secret:name-AbCdEf\n`,
    `API_KEY=<your key of 32 signs>\n`,
    `API_KEY=CHANGE_ME_BEFORE_DEPLOYING_2026\n`,
    `TOKEN="REPLACE_WITH_REAL_TOKEN_V2"\n`,
    `SMTP_PASSWORD=********************\n`,
    `Authorization: Bearer [REDACTED-2026-11-26]\n`,
    `client_secret: PLACEHOLDER\n`,
    `const secret = await readSecretFromKeychain2("service", "account");\n`,
    `auth_token_lifetime = 3600s500ms\n`,
    `PASSWORD_MIN_LENGTH=12\nTOKEN_TTL=86400\n`,
    `secretName: p24-infra-prod-2026-shared\n`,
    `imagePullSecrets: [{ name: ghcr-2026-pull }]\n`,
    `apiKey: config.services.pdf.apiKeyV2,\n`,
    "found as `secrets.GH_PAT`, `secrets['GH_PAT']` in a workflow\n",
    `token: \`\${header}.\${payload}.\${signature}\`,\n`,
  ];
  return rows.map((text, at) => [`ref/${String(at)}.txt`, text]);
}

function code(): [string, string][] {
  const files = [...tree(join(ROOT, "core/seal"), /\.ts$/), ...tree(join(ROOT, "sandbox/github"), /\.ts$/)];
  return files.slice(0, 50).map((file, at) => [`code/${String(at)}.ts`, readFileSync(file, "utf8")]);
}

function binaries(): [string, string | Buffer][] {
  return [
    ...repeat(6, (at): [string, Buffer] => [
      `img/${String(at)}.png`,
      Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n\0", "latin1"), randomBytes(20_000)]),
    ]),
    ...repeat(4, (at): [string, string] => [
      `img/${String(at)}.css`,
      `.a{background:url(data:image/png;base64,${randomBytes(3000).toString("base64")})}\n`,
    ]),
    ...repeat(4, (at): [string, string] => [
      `img/${String(at)}.js`,
      `const wasm="${randomBytes(6000).toString("base64")}";\n`,
    ]),
    ...repeat(2, (at): [string, string] => [
      `img/${String(at)}.svg`,
      `<svg><path d="${repeat(400, (n) => `M${String((n * 7) % 97)} ${String((n * 13) % 89)}`).join("")}"/></svg>`,
    ]),
  ];
}

/** Every n-th file of the installed packages: real code and documents of many authors. */
function packages(): [string, string][] {
  const chosen = ["zod", "undici", "jose", "yaml", "mocha", "prettier", "typescript", "esbuild", "ssh2", "fast-check"];
  return chosen.flatMap((name) => {
    const files = tree(join(ROOT, "node_modules", name), /\.(?:[cm]?[jt]s|json|md)$/).filter(
      (file) => statSync(file).size < 400_000,
    );
    const every = Math.max(1, Math.floor(files.length / 10));
    return files
      .filter((_, at) => at % every === 0)
      .slice(0, 10)
      .map((file): [string, string] => [`vendor/${file.slice(ROOT.length + 14)}`, readFileSync(file, "utf8")]);
  });
}

function tree(folder: string, names: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? tree(path, names) : names.test(entry.name) ? [path] : [];
    });
}
