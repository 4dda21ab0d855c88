/** The collections of the emulated GitHub and how things are found in them: without regard to case, as at GitHub. */
import { generateKeyPairSync, randomInt } from "node:crypto";
import { createIds } from "./ids.js";
import { second } from "./time.js";
import type { Account, App, Installation, Repository, SealingPair } from "./types.js";

export class State {
  readonly accounts = new Map<string, Account>();
  readonly repositories: Repository[] = [];
  readonly apps: App[] = [];
  readonly installations: Installation[] = [];
  readonly nextId = createIds();

  constructor(private readonly clock: () => Date) {}

  /** The present time, cut to its second. */
  now(): Date {
    return second(this.clock());
  }

  /** The present time in milliseconds, for limits and expiry. */
  milliseconds(): number {
    return this.clock().getTime();
  }

  account(login: string): Account | undefined {
    return this.accounts.get(login.toLowerCase());
  }

  /** The account of that login, made when there is none. */
  ensureAccount(login: string, type: Account["type"], id = this.nextId()): Account {
    const known = this.account(login);
    if (known) return known;
    const account: Account = { id, login, type, createdAt: this.now() };
    this.accounts.set(login.toLowerCase(), account);
    return account;
  }

  repository(owner: string, name: string): Repository | undefined {
    return this.repositories.find((one) => same(one.owner.login, owner) && same(one.name, name));
  }

  /** The repository that once had this name. */
  renamed(owner: string, name: string): Repository | undefined {
    return this.repositories.find(
      (one) => same(one.owner.login, owner) && one.formerNames.some((former) => same(former, name)),
    );
  }

  repositoryById(id: number): Repository | undefined {
    return this.repositories.find((one) => one.id === id);
  }

  /** The repositories that an installation covers. */
  covered(installation: Installation): Repository[] {
    return this.repositories.filter(
      (one) =>
        one.owner.id === installation.account.id &&
        (installation.selection === "all" || installation.repositories.has(one.id)),
    );
  }
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** A fresh pair for sealed boxes. GitHub's key ids are numbers of about nineteen digits. */
export function createSealingPair(): SealingPair {
  const pair = generateKeyPairSync("x25519");
  const digits = Array.from({ length: 15 }, () => randomInt(10)).join("");
  return {
    id: `3380${digits}`,
    // SPKI and PKCS #8 of X25519 end with the 32 raw bytes (RFC 8410).
    publicPart: Buffer.from(pair.publicKey.export({ type: "spki", format: "der" }).subarray(-32)),
    privatePart: Buffer.from(pair.privateKey.export({ type: "pkcs8", format: "der" }).subarray(-32)),
  };
}
