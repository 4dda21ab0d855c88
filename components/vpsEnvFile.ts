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
  /** Nobody looked at the host in this run: only an answer that also says what was replaced confirms the write. */
  readonly notAsked: boolean;
}

/** What an apply found: the file of the last completed apply, another one, or none (docs/host-protocol.md, "Answer of `apply`"). */
export type Replaced = "as-applied" | "other" | "none";

const WHATEVER_IS_SENT = ["stdin", "create", "update", "connection", "logging", "addPreviousOutputInEnv"];

/**
 * The `.env` file of one VPS, down to the containers that run with it. The component's name is the host's. It has no
 * delete command: taking the sync away leaves file and services as they are. It registers nothing: the ledger reads the
 * serial from the payload that the engine keeps with the command.
 */
export class VpsEnvFile extends QuietComponent {
  /** Whether file and services are as git wants them after this run. */
  readonly confirmed: Promise<boolean>;
  /** What this run's write replaced, where the host says so. */
  readonly replaced: Promise<Replaced | undefined>;

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
    const answer = args.inSync
      ? Promise.resolve({ replaced: undefined })
      : follow(applied.stdout).then((said) => answerTo(args.serial, said));
    this.replaced = answer.then((told) => told?.replaced);
    this.confirmed = answer.then((told) => told !== undefined && (told.replaced !== undefined || !args.notAsked));
  }
}

const ANSWER = /^(?:applied|unchanged) (\d+)(?: (as-applied|other|none))?$/;

/**
 * The host's answer to this very payload: the file is what was sent, read again when the services ran with it. An engine that
 * was told to go on after a failure repeats a former answer, which is `undefined` here. Before version 4 of the host program
 * it does not say what was replaced.
 */
function answerTo(serial: number, said: string | undefined): { replaced: Replaced | undefined } | undefined {
  const [, number, replaced] = ANSWER.exec(said?.trim() ?? "") ?? [];
  return number === String(serial) ? { replaced: replaced as Replaced | undefined } : undefined;
}
