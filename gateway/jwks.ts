/**
 * The issuer's public keys, kept in this isolate's memory.
 *
 * - Fresh for ten minutes; then fetched again in the background while the old ones serve.
 * - An unknown `kid` makes one wait for a fetch, once in five seconds: random ones must not make us hammer GitHub. Within them
 *   nothing can be said of it, and its caller is told to come again (`issuer.pause`), so that random ones do not make us refuse
 *   a right one after a rotation either.
 * - GitHub does not answer: the old ones serve for an hour after they were fetched, then nobody is let in. So a key that
 *   GitHub withdraws is refused after an hour at the latest. Without any, GitHub is asked every two seconds at most.
 *
 * A Worker may not wait for another request's promise: it would hang when that request is cancelled. Requests that come while
 * one fetches look at the shared state again and again instead.
 */
import { importJWK } from "jose";
import type { CryptoKey, JWK } from "jose";

import { ISSUER } from "./claims.js";
import { readLimited } from "./limited.js";
import { Refusal } from "./refusal.js";
import { parseStrictObject } from "./strictJson.js";

export const JWKS_URL = `${ISSUER}/.well-known/jwks`;

const FRESH_MS = 10 * 60_000;
const USABLE_MS = 60 * 60_000;
/** Between fetches for an unknown `kid`. */
const PAUSE_MS = 5_000;
/** Between fetches in the background that fail. */
const PAUSE_WHILE_USABLE_MS = 30_000;
const PAUSE_WITHOUT_ANY_MS = 2_000;
const TIMEOUT_MS = 5_000;
const LOOK_AGAIN_MS = 10;
const LONGEST_BYTES = 65_536;
const MOST_KEYS = 32;
const SHORTEST_MODULUS_BITS = 2048;

/** `fetch`, past every cache. (Node's types do not know `cache`, the Worker's do.) */
export type Fetch = (url: string, init: RequestInit & { readonly cache: "no-store" }) => Promise<Response>;

/** What this module needs of the world. */
export interface World {
  readonly fetch: Fetch;
  /** Milliseconds since 1970. */
  now(): number;
  wait(ms: number): Promise<void>;
}

/** Is handed work that has to end although its request was cancelled. */
export type KeepAlive = (work: Promise<unknown>) => void;

/** Finds the issuer's keys. */
export interface IssuerKeys {
  /**
   * The key of this id. Throws a Refusal: `jwt.kid.unknown`; `issuer.unavailable` or `issuer.pause` when nothing can be said.
   */
  find(kid: string, keepAlive: KeepAlive): Promise<CryptoKey>;
}

export function createIssuerKeys(world: World): IssuerKeys {
  let keys: ReadonlyMap<string, CryptoKey> = new Map();
  let fetchedAt = -Infinity;
  let attemptedAt = -Infinity;
  let missedAt = -Infinity;
  /** Until when a fetch is under way at most: one whose request was ended may never say so. */
  let busyUntil = -Infinity;
  const age = () => world.now() - fetchedAt;
  const isPast = (at: number, pause: number) => world.now() - at >= pause;

  const fetchKeys = async (): Promise<void> => {
    attemptedAt = world.now();
    busyUntil = attemptedAt + TIMEOUT_MS;
    const found = await download(world);
    if (found !== undefined) {
      keys = found;
      fetchedAt = world.now();
    }
    busyUntil = -Infinity;
  };

  /** Waits for the fetch that is under way; else makes one, when `due` says so. Whether there was one. */
  const refresh = async (due: () => boolean, keepAlive: KeepAlive): Promise<boolean> => {
    if (world.now() < busyUntil) {
      while (world.now() < busyUntil) {
        await world.wait(LOOK_AGAIN_MS);
      }
      return true;
    }
    if (!due()) {
      return false;
    }
    const work = fetchKeys();
    keepAlive(work);
    await work;
    return true;
  };

  /** Fetches for a `kid` that is not there, unless that was done just now. */
  const look = async (kid: string, keepAlive: KeepAlive): Promise<void> => {
    const looked = await refresh(() => {
      const due = isPast(missedAt, PAUSE_MS);
      missedAt = due ? world.now() : missedAt;
      return due;
    }, keepAlive);
    if (!looked && !keys.has(kid)) {
      throw new Refusal("issuer.pause");
    }
  };

  return {
    async find(kid, keepAlive) {
      if (age() >= USABLE_MS) {
        await refresh(() => isPast(attemptedAt, PAUSE_WITHOUT_ANY_MS), keepAlive);
      } else if (!keys.has(kid)) {
        await look(kid, keepAlive);
      } else if (age() >= FRESH_MS && isPast(attemptedAt, PAUSE_WHILE_USABLE_MS)) {
        keepAlive(fetchKeys());
      }
      if (age() >= USABLE_MS) {
        throw new Refusal("issuer.unavailable");
      }
      const key = keys.get(kid);
      if (key === undefined) {
        throw new Refusal("jwt.kid.unknown");
      }
      return key;
    },
  };
}

/** The keys that can verify RS256, by id; `undefined` when the answer is not a usable set of keys. */
async function download(world: World): Promise<ReadonlyMap<string, CryptoKey> | undefined> {
  try {
    const response = await world.fetch(JWKS_URL, {
      headers: { accept: "application/json" },
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      return undefined;
    }
    const list = parseStrictObject(await readLimited(response.body, LONGEST_BYTES))?.["keys"];
    if (!Array.isArray(list) || list.length > MOST_KEYS) {
      return undefined;
    }
    const found = new Map<string, CryptoKey>();
    for (const jwk of list as unknown[]) {
      const [kid, key] = (await importKey(jwk)) ?? [];
      if (kid !== undefined && key !== undefined) {
        found.set(kid, key);
      }
    }
    return found.size > 0 ? found : undefined;
  } catch {
    return undefined;
  }
}

/** A key of the set and its id; `undefined` for one that is not for RS256 signatures, or too short. */
async function importKey(jwk: unknown): Promise<[string, CryptoKey] | undefined> {
  if (typeof jwk !== "object" || jwk === null) {
    return undefined;
  }
  const { kid, kty, use, alg, n, e } = jwk as JWK;
  if (typeof kid !== "string" || kty !== "RSA" || typeof n !== "string" || typeof e !== "string") {
    return undefined;
  }
  if ((use ?? "sig") !== "sig" || (alg ?? "RS256") !== "RS256" || n.length * 6 < SHORTEST_MODULUS_BITS) {
    return undefined;
  }
  try {
    return [kid, (await importJWK({ kty, n, e }, "RS256")) as CryptoKey];
  } catch {
    return undefined;
  }
}
