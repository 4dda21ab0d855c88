/** Tokens and what they may do. Names of the permissions: developers.cloudflare.com, "API token permissions". */
import { randomInt } from "node:crypto";

import { authenticationError, invalidToken, malformedAuthorization } from "./http/errors.js";
import { hexId, type State } from "./state.js";

/** Read is part of Write. */
export type Permission = "DNS" | "Zone" | "Workers Scripts";
export type Level = "Read" | "Write";
/** One permission group: `DNS Write`. */
export type PermissionGroup = `${Permission} ${Level}`;

export interface Token {
  id: string;
  /** How the log calls it. */
  name: string;
  value: string;
  status: "active" | "disabled" | "expired";
  /** On the account. */
  account: readonly PermissionGroup[];
  /** On a zone, by its id. */
  zones: Map<string, readonly PermissionGroup[]>;
}

export interface TokenSeed {
  readonly name: string;
  readonly account?: readonly PermissionGroup[];
  /** By the zone's name. */
  readonly zones?: Readonly<Record<string, readonly PermissionGroup[]>>;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/** Makes a token; its value, 40 characters, exists here only. */
export function issueToken(state: State, seed: TokenSeed): Token {
  const zones = Object.entries(seed.zones ?? {}).map(([name, groups]) => [zoneNamed(state, name).id, groups] as const);
  const value = Array.from({ length: 40 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  const token: Token = {
    id: hexId(),
    name: seed.name,
    value,
    status: "active",
    account: seed.account ?? [],
    zones: new Map(zones),
  };
  state.tokens.set(value, token);
  return token;
}

/** A zone that must be there. */
export function zoneNamed(state: State, name: string) {
  const found = [...state.zones.values()].find((zone) => zone.name === name);
  if (found === undefined) throw new Error(`no such zone: ${name}`);
  return found;
}

/** Who calls. `X-Auth-Key` and its relatives are not emulated: the program uses tokens only. */
export function authenticate(header: string | undefined, state: State): Token {
  const [, value] = /^Bearer ([A-Za-z0-9_-]{40,})$/.exec(header ?? "") ?? [];
  if (value === undefined) throw malformedAuthorization();
  const token = state.tokens.get(value);
  if (token === undefined || token.status !== "active") throw invalidToken();
  return token;
}

const holds = (groups: readonly PermissionGroup[] | undefined, permission: Permission, level: Level): boolean =>
  groups !== undefined &&
  (groups.includes(`${permission} Write`) || (level === "Read" && groups.includes(`${permission} Read`)));

export function mayOnZone(token: Token, zoneId: string, permission: Permission, level: Level): boolean {
  return holds(token.zones.get(zoneId), permission, level);
}

/** Ends the request of a caller that may not. The answer is the same whether the object exists or not. */
export function requireZone(token: Token, zoneId: string, permission: Permission, level: Level): void {
  if (!mayOnZone(token, zoneId, permission, level)) throw authenticationError();
}

export function requireAccount(token: Token, permission: Permission, level: Level): void {
  if (!holds(token.account, permission, level)) throw authenticationError();
}
