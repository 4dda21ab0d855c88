import { sourcePath } from "../../core/model/sources.js";
import { locate } from "../../core/rotation/locate.js";
import { LOG_FILE } from "../../core/rotation/log.mjs";
import { makeSigner, makeSyncIdentity } from "../../core/seal/pairs.js";
import type { Secret } from "../../core/seal/secret.js";
import { commitCommand } from "../commit.js";
import { changeValue } from "../rotation/change.js";
import type { Workplace } from "../rotation/workplace.js";
import { renderSteps } from "./next.js";

/** Pairs of which the private part is a value of stack.sops.yaml and the public part lies on the hosts. */
const PAIRS: Readonly<Record<string, () => Secret>> = {
  payload_signing_key: makeSigner,
  sync_ssh_key: makeSyncIdentity,
};

export function isPair(word: string): boolean {
  return Object.hasOwn(PAIRS, word);
}

/** A pair that was made anew. */
export interface RekeyedPair {
  readonly name: string;
  readonly commit: string | undefined;
  /** What is left, in an order in which nobody is locked out. */
  readonly next: readonly string[];
}

/**
 * Makes a new pair and puts its private part into its source, with a pending row in the log. No host is touched: each takes the
 * public part by `p24 host install`, which logs in as an admin and not with this pair. Until then the host refuses the sync and
 * goes on with what it has. Throws a FaultsError.
 */
export async function rekeyPair(place: Workplace, name: string, commit: boolean): Promise<RekeyedPair> {
  const located = locate(`stack/${name}`, place.keys);
  const message = `fix(secrets): rekey ${name}`;
  const made = await changeValue(place, located, {
    take: () => Promise.resolve((PAIRS[name] ?? makeSigner)()),
    reason: `rekey ${name}`,
    message,
    commit,
    now: new Date(),
  });
  return {
    name,
    commit: made,
    next: [
      ...(made === undefined ? [commitCommand([sourcePath("stack"), LOG_FILE], message)] : []),
      ...Object.keys(place.settings.hosts).map((host) => `npm run p24 -- host install ${host}`),
      "git push and let CI sync, or npm run up",
      "npm run p24 -- confirm",
    ],
  };
}

/** Lines for people. */
export function renderPair({ name, commit, next }: RekeyedPair): string {
  const made = commit === undefined ? "" : `, commit ${commit.slice(0, 12)} (fix(secrets): rekey ${name})`;
  return [
    `${name} is a new pair${made}. The hosts know the former one until each has its public part:`,
    "host install logs in as an admin, not with this pair, so no host is locked out, whichever fails.",
    renderSteps("Next, in this order:", next),
  ].join("\n");
}
