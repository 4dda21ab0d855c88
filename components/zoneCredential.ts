import { Command, Logging } from "@pulumi/command/local/index.js";
import type * as pulumi from "@pulumi/pulumi";

import { type CredentialOutputs, LEDGER_TYPES } from "../core/ledger.js";
import { follow, LedgerComponent } from "./outcome.js";

export interface ZoneCredentialArgs {
  /** The stack in whose source the credential stands. */
  readonly stack: string;
  /** Version of the Worker when the run began, `nothing` without one. A new one makes the engine bind again. */
  readonly over: string;
  /** The Worker has git's value, and nobody has deployed anything since. */
  readonly inSync: boolean;
  /** What the ledger gets when the Worker has the credential, but for the version that has it. */
  readonly entry: Omit<CredentialOutputs, "version">;
  /** What the ledger keeps while it has not. */
  readonly previous: CredentialOutputs | undefined;
}

/**
 * The zone's credential in the gateway's Worker, and its ledger entry. The engine gets the credential's fingerprint only: it
 * runs `p24 gateway bind`, which decrypts the value itself and sends it to Cloudflare. It has no delete command.
 */
export class ZoneCredential extends LedgerComponent<CredentialOutputs> {
  /** Whether the Worker has git's value after this run. */
  readonly confirmed: Promise<boolean>;

  constructor(
    name: string,
    args: ZoneCredentialArgs,
    options: { parent: pulumi.Resource; dependsOn: pulumi.Resource },
  ) {
    super(LEDGER_TYPES.zoneCredential, name, {}, { parent: options.parent });
    const bound = new Command(
      name,
      {
        create: `node cli/p24.mjs gateway bind --stack ${args.stack}`,
        stdin: JSON.stringify({ fingerprint: args.entry.fingerprint, over: args.over }),
        logging: Logging.None,
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        dependsOn: options.dependsOn,
        ignoreChanges: args.inSync ? ["create", "stdin", "logging", "addPreviousOutputInEnv"] : [],
        additionalSecretOutputs: ["stdout", "stderr"],
      },
    );
    const outcome = args.inSync
      ? Promise.resolve(args.previous)
      : follow(bound.stdout.apply((stdout) => entryOf(args, stdout)));
    this.confirmed = outcome.then((entry) => entry !== undefined);
    this.registerEntry(outcome, args);
  }
}

/** When an update failed, the engine answers with the former output: only a version that was not known is our write's. */
function entryOf(args: ZoneCredentialArgs, stdout: string): CredentialOutputs | undefined {
  const [, version] = /^version ([0-9a-f-]{36})$/.exec(stdout.trim()) ?? [];
  return version === undefined || version === args.over || version === args.previous?.version
    ? undefined
    : { ...args.entry, version };
}
