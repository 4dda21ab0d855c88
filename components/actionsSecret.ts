import { ActionsSecret as ProvidersSecret } from "@pulumi/github/actionsSecret.js";
import type * as pulumi from "@pulumi/pulumi";

import type { SecretOutputs } from "../core/ledger.js";
import { LEDGER_TYPES } from "../core/ledger.js";
import { githubTime } from "../core/model/time.js";
import { follow, LedgerComponent } from "./outcome.js";

/** One secret of one repository, sealed already. */
export interface ActionsSecretArgs {
  /** Repository's name without owner. */
  readonly repository: string;
  /** The value in libsodium's sealed box for this repository, base64, and the id of the key that it is sealed with. */
  readonly valueEncrypted: string;
  readonly keyId: string;
  /** Nothing needs to be written: fresh ciphertext makes no difference. */
  readonly inSync: boolean;
  /** What the ledger gets when the write is confirmed, but for GitHub's time of it. */
  readonly entry: Omit<SecretOutputs, "updatedAt">;
  /** What the ledger keeps while it is not. */
  readonly previous: SecretOutputs | undefined;
  /** GitHub's time of the last write when the run began, `undefined` when the secret was not there. */
  readonly seenAt: string | undefined;
}

/**
 * One GitHub Actions secret and its ledger entry. The entry is registered by the component itself, so that the engine
 * saves it right after the write. `deletedWith` is the repository's component: a secret that leaves git is deleted at
 * GitHub, a stack or repository that is taken away leaves its secrets there.
 */
export class ActionsSecret extends LedgerComponent<SecretOutputs> {
  /** Whether GitHub holds git's value after this run. */
  readonly confirmed: Promise<boolean>;

  constructor(
    name: string,
    args: ActionsSecretArgs,
    options: { parent: pulumi.Resource; deletedWith: pulumi.Resource },
  ) {
    super(LEDGER_TYPES.secret, name, {}, { parent: options.parent });
    const secret = new ProvidersSecret(
      name,
      {
        repository: args.repository,
        secretName: args.entry.name,
        valueEncrypted: args.valueEncrypted,
        keyId: args.keyId,
      },
      {
        parent: this,
        deletedWith: options.deletedWith,
        ignoreChanges: args.inSync ? ["valueEncrypted", "keyId"] : [],
      },
    );
    const outcome = args.inSync
      ? Promise.resolve(args.previous)
      : follow(secret.updatedAt.apply((updatedAt) => entryOf(args, updatedAt)));
    this.confirmed = outcome.then((entry) => entry !== undefined);
    this.registerEntry(outcome, args);
  }
}

/**
 * The provider leaves the time empty when it could not read the secret back after writing it. When an update failed, the
 * engine answers with the new ciphertext and the former time all the same (run with `--continue-on-error`): only a time
 * after every known one is our write's.
 */
function entryOf(args: ActionsSecretArgs, updatedAt: string): SecretOutputs | undefined {
  const time = githubTime(updatedAt);
  const known = [args.seenAt, args.previous?.updatedAt].filter((former) => former !== undefined);
  return time === undefined || known.some((former) => time <= former) ? undefined : { ...args.entry, updatedAt: time };
}
