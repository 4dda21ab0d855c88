import { Command, Logging } from "@pulumi/command/remote/index.js";
import type * as pulumi from "@pulumi/pulumi";

import { HOST_TYPE } from "../core/ledger.js";
import { follow, QuietComponent } from "./outcome.js";

export interface VpsEnvFileArgs {
  readonly connection: {
    readonly address: string;
    readonly port: number;
    readonly user: string;
    /** Public identity of the host: algorithm and base64. The private part that logs in is the agent's. */
    readonly hostKey: string;
  };
  /** Name of the target on the host. */
  readonly target: string;
  /** Signed and sealed for this host: docs/host-protocol.md, "Payload". */
  readonly payload: string;
  /** Nothing needs to be written: a fresh payload makes no difference. */
  readonly inSync: boolean;
  /** The payload's, which the host repeats once it has applied it. */
  readonly serial: number;
}

const WHATEVER_IS_SENT = ["stdin", "create", "update", "connection", "logging", "addPreviousOutputInEnv"];

/**
 * The `.env` file of one VPS, down to the containers that run with it. The component's name is the host's. It has no
 * delete command: taking the sync away leaves file and services as they are. It registers nothing: the ledger reads the
 * serial from the payload that the engine keeps with the command.
 */
export class VpsEnvFile extends QuietComponent {
  /** Whether file and services are as git wants them after this run. */
  readonly confirmed: Promise<boolean>;

  constructor(name: string, args: VpsEnvFileArgs, options?: pulumi.ComponentResourceOptions) {
    super(HOST_TYPE, name, {}, options);
    const { address, port, user, hostKey } = args.connection;
    const apply = `p24-host apply ${args.target}`;
    const applied = new Command(
      name,
      {
        connection: { host: address, port, user, hostKey, dialErrorLimit: 2, perDialTimeout: 15 },
        create: apply,
        update: apply,
        stdin: args.payload,
        logging: Logging.None,
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        ignoreChanges: args.inSync ? WHATEVER_IS_SENT : [],
        additionalSecretOutputs: ["stdout", "stderr"],
      },
    );
    this.confirmed = args.inSync
      ? Promise.resolve(true)
      : follow(applied.stdout).then((said) => isAnswer(said, args.serial));
  }
}

/**
 * Whether the host answered to this very payload (docs/host-protocol.md, "Answer of `apply`"): the file is what was sent,
 * read again when the services ran with it. An engine that was told to go on after a failure repeats a former answer.
 */
function isAnswer(said: string | undefined, serial: number): boolean {
  return said !== undefined && [`applied ${String(serial)}`, `unchanged ${String(serial)}`].includes(said.trim());
}
