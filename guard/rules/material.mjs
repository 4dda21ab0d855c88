// @ts-check
/**
 * Private material that shows by its form alone. A pattern asks for the random part too, so that a text that speaks of a
 * form (this one, a document, a scanner's own rules) is left alone; `isPlaceholder` clears invented examples.
 */
import { isInvented } from "./placeholder.mjs";

/**
 * @typedef {object} Form
 * @property {string} rule
 * @property {string} what
 * @property {string} source of a regular expression; a group `random` is what must not look invented
 * @property {(match: string) => boolean} [when] more that must be true of the match
 * @property {(rest: string) => boolean} [before] more that must be true of what follows the match
 */

const REST = "[A-Za-z0-9_-]";
/** RFC 7517, `kty`, or the curve, which stands near `d` when certificates stand between. */
const JWK_KIND = String.raw`["'](?:kty|crv)\\*["']\s*:\s*\\*["'](?:RSA|EC|OKP|P-\d{3}|secp256k1|(?:Ed|X)(?:25519|448))\\*["']`;
/** How much is looked at behind a PEM armor. */
const BEHIND = 600;

/** @type {readonly Form[]} */
const FORMS = [
  {
    rule: "age-identity",
    what: "an age identity",
    source: String.raw`AGE-SECRET-KEY-(?:PQ-)?1(?<random>[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{40,})`,
  },
  {
    rule: "age-identity",
    what: "an age identity",
    source: String.raw`age-secret-key-(?:pq-)?1(?<random>[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{40,})`,
  },
  {
    rule: "private-pem",
    what: "a private part in PEM form (SSH, TLS, GitHub App)",
    source: "-{4,5} ?BEGIN[ +_](?:[A-Z0-9]{2,10}[ +_]){0,2}PRIVATE[ +_]KEY(?:[ +_]BLOCK)? ?-{4,5}",
    before: hasDigits,
  },
  {
    // Without its armor: PKCS#8 (RSA, EC, Ed25519), PKCS#1, SEC1, and OpenSSH's own form, each by its fixed first bytes.
    rule: "private-pem",
    what: "the digits of a private part (PKCS#8, PKCS#1, SEC1 or OpenSSH)",
    source:
      "(?:b3BlbnNzaC1rZXktdjEA[A-Za-z0-9+/]{60,100}|MC4CAQAwBQYDK2V[wu]BCIEI|MIG[A-Za-z0-9+/]AgEAMB[AM]GByqGSM49|" +
      "MHcCAQEEI|MII[A-Za-z0-9+/]{3}IBADANBgkqhkiG9w0BAQEFAASC|MII[A-Za-z0-9+/]{3}IBAAK[BC])" +
      "(?<random>[A-Za-z0-9+/]{30,})",
  },
  {
    rule: "private-putty",
    what: "a private part in PuTTY's form",
    source: String.raw`PuTTY-User-Key-File-[23]: [\s\S]{0,2000}?Private-Lines: \d+\s+(?<random>[A-Za-z0-9+/]{24,})`,
  },
  {
    rule: "private-jwk",
    what: "a private part in JWK form",
    source: String.raw`${JWK_KIND}[^{}]{0,1500}?\\*["']d\\*["']\s*:\s*\\*["'](?<random>${REST}{32,})`,
  },
  {
    rule: "private-jwk",
    what: "a private part in JWK form",
    source: String.raw`["']d\\*["']\s*:\s*\\*["'](?<random>${REST}{32,})\\*["'][^{}]{0,1500}?\\*${JWK_KIND}`,
  },
  {
    // RSA (RFC 7518, 6.3.2), however far its certificates put the kind away.
    rule: "private-jwk",
    what: "a private part in JWK form",
    source: String.raw`["']qi\\*["']\s*:\s*\\*["'](?<random>${REST}{32,})`,
  },
  {
    // ghs_ in its new form is `ghs_APPID_JWT` of some 520 characters.
    rule: "github",
    what: "a GitHub credential",
    source: String.raw`(?<![A-Za-z0-9])(?:gh[pour]_(?<random>[A-Za-z0-9]{36,})|ghs_[A-Za-z0-9._-]{36,}|github_pat_[A-Za-z0-9]{20,}_[A-Za-z0-9]{40,})`,
  },
  {
    // vercel.com/changelog/new-token-formats-and-secret-scanning
    rule: "vercel",
    what: "a Vercel credential",
    source: `(?<![A-Za-z0-9])vc[piakr]_(?<random>${REST}{20,})`,
  },
  {
    rule: "vercel",
    what: "a Vercel deploy hook, which is a credential",
    source: String.raw`api\.vercel\.com/v1/integrations/deploy/(?<random>prj_[A-Za-z0-9]{16,}/[A-Za-z0-9]{8,})`,
  },
  {
    // developers.cloudflare.com/fundamentals/api/get-started/token-formats
    rule: "cloudflare",
    what: "a Cloudflare credential",
    source: `(?<![A-Za-z0-9])cf(?:k|ut|at)_(?<random>${REST}{40,})`,
  },
  {
    rule: "cloudflare",
    what: "a Cloudflare Origin CA credential",
    source: String.raw`(?<![A-Za-z0-9.])v1\.0-(?<random>[a-f0-9]{24}-[a-f0-9]{100,})`,
  },
  {
    rule: "supabase",
    what: "a Supabase credential",
    source: `(?<![A-Za-z0-9])(?:sbp_(?:oauth_|fc|v0_)?(?<random>[a-z0-9]{32,})|sb_secret_${REST}{20,})`,
  },
  {
    // The legacy service_role credential, and others that open a database past its row rules.
    rule: "supabase",
    what: "a Supabase service credential (a JWT with that role)",
    source: `(?<![A-Za-z0-9_-])eyJ${REST}{10,}\\.eyJ(?<random>${REST}{20,})\\.${REST}{20,}`,
    when: (match) => /"role"\s*:\s*"(?:service_role|supabase_admin|postgres)"/.test(decoded(match.split(".")[1] ?? "")),
  },
  {
    rule: "discord",
    what: "a Discord webhook, which is a credential",
    source: String.raw`discord(?:app)?\.com(?:/|\\+/|%2[fF])+api(?:/|\\+/|%2[fF])+(?:v\d{1,2}(?:/|\\+/|%2[fF])+)?webhooks(?:/|\\+/|%2[fF])+\d{15,21}(?:/|\\+/|%2[fF])+(?<random>[A-Za-z0-9_-]{40,})`,
  },
  {
    rule: "discord",
    what: "a Discord bot's credential",
    source: `(?<![A-Za-z0-9_-])[MNO][A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6}\\.(?<random>[A-Za-z0-9_-]{27,40})(?![A-Za-z0-9_-])`,
    when: (match) => /^\d{15,21}$/.test(decoded(match.split(".")[0] ?? "")),
  },
  {
    rule: "slack",
    what: "a Slack credential",
    source: String.raw`(?<![A-Za-z0-9])(?:xox[abeoprs](?:\.xox[bp])?-(?<random>[A-Za-z0-9-]{20,})|xapp-\d-[A-Z0-9]+-\d+-[a-zA-Z0-9]{20,})`,
  },
  {
    rule: "slack",
    what: "a Slack webhook, which is a credential",
    source: String.raw`hooks\.slack\.com(?:/|\\+/|%2[fF])+(?:services|workflows|triggers)(?:/|\\+/|%2[fF])+[TE][A-Z0-9]{6,}(?:/|\\+/|%2[fF])+[A-Z0-9]{6,}(?:/|\\+/|%2[fF])+(?<random>[A-Za-z0-9]{16,})`,
  },
  {
    rule: "aws",
    what: "an AWS access id; its secret part is not far",
    source: String.raw`(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)(?<random>[A-Z2-7]{16})(?![A-Za-z0-9])`,
  },
  {
    rule: "issuer",
    what: "a credential of npm",
    source: "(?<![A-Za-z0-9])npm_(?<random>[A-Za-z0-9]{36})",
  },
  {
    rule: "issuer",
    what: "a credential of Pulumi",
    source: "(?<![A-Za-z0-9])pul-(?<random>[a-f0-9]{40})",
  },
  {
    rule: "issuer",
    what: "a credential of Grafana",
    source: String.raw`(?<![A-Za-z0-9])gl(?:sa|c)_(?<random>[A-Za-z0-9+/=_-]{32,})`,
  },
  {
    rule: "issuer",
    what: "a credential of Docker",
    source: `(?<![A-Za-z0-9])dckr_(?:pat|oat)_(?<random>${REST}{24,})`,
  },
  {
    rule: "issuer",
    what: "a credential of Stripe",
    source: "(?<![A-Za-z0-9])(?:[sr]k_(?:live|test)_|whsec_)(?<random>[A-Za-z0-9+/]{24,})",
  },
  {
    rule: "issuer",
    what: "a credential of a language model's vendor",
    source: `(?<![A-Za-z0-9_-])sk-(?:ant-|proj-|svcacct-|admin-|or-v1-)?(?<random>${REST}{32,})`,
    when: (match) => /\d/.test(match) && /[A-Z]|[a-f0-9]{32}/.test(match),
  },
  {
    rule: "issuer",
    what: "a credential of Google",
    source: `(?<![A-Za-z0-9])(?:AIza(?<random>${REST}{35})(?!${REST})|GOCSPX-${REST}{28})`,
  },
  {
    rule: "issuer",
    what: "a credential of SendGrid",
    source: `(?<![A-Za-z0-9])SG\\.(?<random>${REST}{20,24}\\.${REST}{39,50})`,
  },
  {
    rule: "issuer",
    what: "a credential of GitLab",
    source: `(?<![A-Za-z0-9])gl(?:pat|dt|rt|ptt)-(?<random>${REST}{20,})`,
  },
];

/**
 * The beginnings of all forms, to tell at once that a text holds none of them.
 */
const BEGINNINGS =
  /AGE-SECRET-KEY-|age-secret-key-|PRIVATE[ +_]KEY|PuTTY-User|kty|gh[pousr]_|github_pat_|vc[piakr]_|integrations\/deploy|cf(?:k|ut|at)_|v1\.0-|sbp_|sb_secret_|eyJ|webhooks|[MNO][A-Za-z0-9_-]{23,27}\.|xox[abeoprs]|xapp-|hooks\.slack|A(?:KI|SI|BI|CC)A|npm_|pul-|gl(?:sa|c)_|dckr_|[sr]k_(?:live|test)_|whsec_|sk-|AIza|GOCSPX|SG\.|gl(?:pat|dt|rt|ptt)-|b3BlbnNzaC1rZXkt|MC4CAQAw|MI[IG]|MHcCAQ/;

const COMPILED = FORMS.map(({ rule, what, source, when, before }) => ({
  rule,
  what,
  pattern: new RegExp(source, "g"),
  when,
  before,
}));

/**
 * Every form that a text holds: where it begins, and what it is.
 *
 * @param {string} text
 * @returns {{ at: number, rule: string, what: string }[]}
 */
export function findMaterial(text) {
  if (!BEGINNINGS.test(text)) {
    return [];
  }
  const found = [];
  for (const { rule, what, pattern, when, before } of COMPILED) {
    for (const match of text.matchAll(pattern)) {
      const random = (match.groups?.["random"] ?? match[0]).slice(0, 48);
      const end = match.index + match[0].length;
      if (
        !isInvented(random) &&
        (when === undefined || when(match[0])) &&
        (before === undefined || before(text.slice(end, end + BEHIND)))
      ) {
        found.push({ at: match.index, rule, what: `holds ${what}` });
      }
    }
  }
  return found;
}

/** The rules of this file. */
export const MATERIAL_RULES = [...new Set(FORMS.map(({ rule }) => rule))];

/** The shortest private part in PEM form is Ed25519's in PKCS#8: 64 digits. */
const SHORTEST_BODY = 60;
const IN_BETWEEN =
  /^(?:(?:Proc-Type|DEK-Info|Comment|Version|Hash|Subject|Encryption): ?[^\r\n\\]*|\\+[nrt]?|%0[aAdD]|%20|&#1[03];|["'`]\s*[+.]|[\s"'`,;>|)(]+)/;

/**
 * Whether enough base64 digits follow a PEM armor, in whatever quoting or escaping it was pasted, or below its headers.
 *
 * @param {string} rest
 */
function hasDigits(rest) {
  let left = rest;
  let body = "";
  for (let least = 24; body.length < SHORTEST_BODY; least = 16) {
    for (let skipped = IN_BETWEEN.exec(left); skipped !== null; skipped = IN_BETWEEN.exec(left)) {
      left = left.slice(skipped[0].length);
    }
    const digits = /^[A-Za-z0-9+/]+/.exec(left)?.[0] ?? "";
    if (digits.length < least) {
      return false;
    }
    body += digits;
    left = left.slice(digits.length);
  }
  return !isInvented(body.slice(0, 48));
}

/** @param {string} text in base64url */
function decoded(text) {
  return Buffer.from(text, "base64url").toString("latin1");
}
