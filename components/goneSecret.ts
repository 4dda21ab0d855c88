import { ActionsSecret as ProvidersSecret } from "@pulumi/github/actionsSecret.js";
import * as pulumi from "@pulumi/pulumi";

import { type GoneOutputs, LEDGER_TYPES } from "../core/ledger.js";

export interface GoneSecretArgs {
  /** Repository's name without owner, and with it. */
  readonly repository: string;
  readonly fullName: string;
  readonly name: string;
}

/**
 * A secret that left git and that somebody has deleted at GitHub already. Left out of the program, the engine would
 * delete it, and the provider fails on GitHub's 404. So it stays declared, unchanged and with `retainOnDelete`: nothing is
 * sent for it any more. The mark leaves the state as soon as the name exists again: wanted by git it becomes an
 * {@link ActionsSecret} again (same type and name), made by somebody else it is foreign and is left alone.
 */
export class GoneSecret extends pulumi.ComponentResource {
  constructor(name: string, args: GoneSecretArgs, options: { parent: pulumi.Resource; deletedWith: pulumi.Resource }) {
    super(LEDGER_TYPES.secret, name, {}, { parent: options.parent });
    new ProvidersSecret(
      name,
      { repository: args.repository, secretName: args.name, valueEncrypted: "(gone)", keyId: "" },
      {
        parent: this,
        deletedWith: options.deletedWith,
        retainOnDelete: true,
        ignoreChanges: ["valueEncrypted", "keyId"],
      },
    );
    const outputs: GoneOutputs = { repository: args.fullName, name: args.name, gone: true };
    this.registerOutputs(outputs);
  }
}
