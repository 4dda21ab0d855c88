/**
 * Credentials of every kind that the program can meet, made at run time. The value that a client sends is looked up
 * here; nothing is read out of it.
 */
import { randomBytes, randomInt } from "node:crypto";
import type { State } from "../state/state.js";
import type { Account, App, Installation, Permissions, Repository } from "../state/types.js";

interface Issued {
  value: string;
  revoked: boolean;
  /** Milliseconds; absent: it does not expire. */
  expiresAt?: number;
}

/** Who is calling. */
export type Credential =
  | { kind: "anonymous" }
  | (Issued & { kind: "classic"; user: Account; scopes: string[] })
  | (Issued & { kind: "fine-grained"; user: Account; repositories: Set<number>; permissions: Permissions })
  | (Issued & {
      kind: "installation";
      installation: Installation;
      repositories?: Set<number>;
      permissions: Permissions;
    })
  | (Issued & { kind: "workflow"; repository: Repository; permissions: Permissions; bot: Account })
  | { kind: "app"; app: App };

export type IssuedCredential = Extract<Credential, Issued>;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const letters = (count: number): string => Array.from({ length: count }, () => ALPHABET[randomInt(62)]).join("");
const segment = (content: object): string => Buffer.from(JSON.stringify(content)).toString("base64url");

/** `ghp_` and 36 characters. */
export const classicValue = (): string => `ghp_${letters(36)}`;

/** `github_pat_`, 22 characters, `_`, 59 characters. */
export const fineGrainedValue = (): string => `github_pat_${letters(22)}_${letters(59)}`;

/** The present form of an installation's and a workflow's token: `ghs_`, the App's id, a JSON web token; about 520 characters. */
export function serverValue(appId: number): string {
  const header = segment({ alg: "RS256", typ: "JWT", kid: randomBytes(8).toString("hex") });
  const claims = segment({ iss: "stand-in", jti: randomBytes(16).toString("hex") });
  return `ghs_${appId}_${header}.${claims}.${randomBytes(256).toString("base64url")}`;
}

/** The store of issued credentials. */
export class Credentials {
  private readonly byValue = new Map<string, IssuedCredential>();

  constructor(private readonly state: State) {}

  add(credential: IssuedCredential): IssuedCredential {
    this.byValue.set(credential.value, credential);
    return credential;
  }

  /** The valid credential of that value: neither unknown, revoked, expired nor of a suspended installation. */
  find(value: string): IssuedCredential | undefined {
    const found = this.byValue.get(value);
    if (!found || found.revoked) return undefined;
    if (found.expiresAt !== undefined && found.expiresAt <= this.state.milliseconds()) return undefined;
    if (found.kind === "installation" && found.installation.suspended) return undefined;
    return found;
  }

  revoke(value: string): void {
    const found = this.byValue.get(value);
    if (found) found.revoked = true;
  }
}

/** Who a caller is, for the log and for counting limits. Holds no part of a credential. */
export function callerName(caller: Credential): string {
  switch (caller.kind) {
    case "anonymous":
      return "anonymous";
    case "classic":
    case "fine-grained":
      return `${caller.kind}:${caller.user.login}`;
    case "installation":
      return `installation:${caller.installation.app.slug}@${caller.installation.account.login}`;
    case "workflow":
      return `workflow:${caller.repository.owner.login}/${caller.repository.name}`;
    case "app":
      return `app:${caller.app.slug}`;
  }
}

/** The account that acts: the user, or the App's bot. */
export function actor(caller: Credential): Account | undefined {
  switch (caller.kind) {
    case "classic":
    case "fine-grained":
      return caller.user;
    case "installation":
      return caller.installation.app.bot;
    case "workflow":
      return caller.bot;
    default:
      return undefined;
  }
}
