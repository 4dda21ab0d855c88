import type { Inventory, InventoryEntry } from "../model/inventory.js";
import type { Located } from "../rotation/locate.js";
import type { Kind } from "../seal/generate.js";

/** How an exposed value is replaced: what inventory.yaml says of it, and for the program's own what is known of them here. */
export interface Remedy {
  /** Who issues it; `undefined` when nobody says so, `ours` when it is made here. */
  readonly issuer?: string | undefined;
  readonly effect: InventoryEntry["effect"];
  readonly procedure?: string | undefined;
  /** What `p24 rotate --generate` makes of it. */
  readonly generate?: Kind;
  /** It is a pair, of which the other part stands somewhere else: `p24 rekey` replaces both. */
  readonly rekey?: boolean;
}

/** The program's own values, the sharpest first: what its holder can do is in docs/security.md, "What remains". */
const OWN: Readonly<Record<string, Remedy>> = {
  payload_signing_key: { issuer: "ours", effect: "env", rekey: true },
  sync_ssh_key: { issuer: "ours", effect: "env", rekey: true },
  cloudflare_deploy_token: { issuer: "Cloudflare, account API tokens", effect: "env" },
  cloudflare_zone_token: { issuer: "Cloudflare, account API tokens", effect: "env" },
  backend_access_key_id: { issuer: "the backend's store (Wasabi, scoped IAM user)", effect: "env" },
  backend_secret_access_key: { issuer: "the backend's store (Wasabi, scoped IAM user)", effect: "env" },
  vercel_token: { issuer: "Vercel, account settings, tokens", effect: "env" },
  pulumi_passphrase: {
    issuer: "ours",
    effect: "procedure",
    procedure:
      "npm run p24 -- pulumi -- stack change-secrets-provider passphrase asks for a new one; rotate to the same",
  },
  fingerprint_key: { issuer: "ours", effect: "env", generate: "base64" },
};

/** What is known of replacing a key's value. */
export function remedyFor({ source, key }: Pick<Located, "source" | "key">, inventory: Inventory): Remedy {
  const entry = inventory.get(key);
  const own = source === "stack" ? OWN[key] : undefined;
  if (own !== undefined) {
    return { ...own, ...(entry?.issuer === undefined ? {} : { issuer: entry.issuer }) };
  }
  const made = entry?.issuer === "ours" && entry.effect !== "never-generate";
  return {
    issuer: entry?.issuer,
    effect: entry?.effect ?? "env",
    procedure: entry?.procedure,
    ...(made ? { generate: "password" as const } : {}),
  };
}

/**
 * The steps for one exposed secret, in order (spec 03, bootstrap, step 11: revoke at source, new value, commit, row). `row` is
 * how `p24 rotate` names it.
 */
export function stepsFor(row: string, { issuer, effect, procedure, generate, rekey }: Remedy): string[] {
  if (rekey === true) {
    return [`npm run p24 -- rekey ${row}`];
  }
  const isMadeHere = issuer === "ours";
  const atIssuer = isMadeHere
    ? []
    : [
        `at its issuer (${issuer ?? "inventory.yaml does not name it"}): revoke the exposed value and make a new one; where two ` +
          "may live side by side, make the new one first and revoke the exposed one last",
      ];
  const before = effect === "env" ? [] : [procedure ?? "what inventory.yaml does not say: ask its owner"];
  const options = [
    ...(generate === undefined ? [] : [` --generate ${generate}`]),
    ...(effect === "env" ? [] : [" --procedure-done"]),
  ].join("");
  return [
    ...atIssuer,
    ...before,
    `npm run p24 -- rotate ${row}${options}`,
    "git push and let CI sync, or npm run up",
    "npm run p24 -- confirm",
  ];
}

/** What decides which of several exposed secrets comes first. */
export interface Ranked {
  readonly secret: string;
  readonly source: string;
  readonly key: string;
  readonly remedy: Remedy;
  readonly places: readonly string[];
}

/**
 * The order in which several exposed secrets are rotated within their 24 hours. First the program's own, because their holder
 * can write elsewhere; then what one command replaces; then what waits for an issuer, then what has a procedure: nothing that
 * is done in minutes waits behind what takes hours. Among equals the one at more places first.
 */
export function inOrder<T extends Ranked>(exposed: readonly T[]): T[] {
  return exposed
    .map((one) => ({ one, rank: [...rankOf(one), -one.places.length] }))
    .sort((a, b) => compare(a.rank, b.rank) || (a.one.secret < b.one.secret ? -1 : 1))
    .map(({ one }) => one);
}

function rankOf({ source, key, remedy }: Ranked): number[] {
  if (source === "stack") {
    const at = Object.keys(OWN).indexOf(key);
    return [0, at === -1 ? Object.keys(OWN).length : at];
  }
  switch (remedy.effect) {
    case "env":
      return [remedy.issuer === "ours" ? 1 : 2, 0];
    case "procedure":
      return [3, 0];
    case "never-generate":
      return [4, 0];
  }
}

function compare(one: readonly number[], other: readonly number[]): number {
  return one.map((number, index) => number - (other[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
