import { WorkersCustomDomain } from "@pulumi/cloudflare/workersCustomDomain.js";
import { WorkersScript } from "@pulumi/cloudflare/workersScript.js";
import { WorkersScriptSubdomain } from "@pulumi/cloudflare/workersScriptSubdomain.js";
import * as pulumi from "@pulumi/pulumi";

import { PART } from "../core/compare/cloudflare.js";
import { LEDGER_TYPES, type TrustOutputs } from "../core/ledger.js";
import {
  COMPATIBILITY_DATE,
  CREDENTIAL_BINDING,
  type Gateway,
  MAIN_MODULE,
  POLICY_BINDING,
} from "../core/model/gateway.js";
import { follow } from "./outcome.js";
import { ZoneCredential, type ZoneCredentialArgs } from "./zoneCredential.js";

export interface CloudflareOidcTrustArgs {
  readonly gateway: Gateway;
  /** Script and policy need no upload: nothing that is sent makes a difference. */
  readonly inSync: boolean;
  /** Stands with the version at Cloudflare. It differs whenever an upload is needed, so that the engine makes one. */
  readonly message: string;
  readonly credential: ZoneCredentialArgs;
  /**
   * How often each of the other parts was written, this run included, by its name in the report. The engine writes a part
   * anew when its number differs from the one before.
   */
  readonly writes: Readonly<Record<string, number>>;
}

/** All that an upload sends. */
const WHATEVER_IS_SENT = ["content", "mainModule", "compatibilityDate", "bindings", "keepBindings", "annotations"];

/**
 * The gateway at Cloudflare through which a workflow's own OIDC token changes DNS records: a Worker with its policy, its
 * host names and the zone's credential. The component's name is the Worker's. Nothing of it is ever deleted: taking the
 * sync away, or the section out of the settings, leaves the gateway working.
 *
 * Host names and the workers.dev address cannot be updated by the provider with the inputs that they had; they are made
 * anew, which at Cloudflare is the same write, and the former one is retained like everything here.
 */
export class CloudflareOidcTrust extends pulumi.ComponentResource {
  /** Whether the gateway is as git wants it after this run. */
  readonly confirmed: Promise<boolean>;

  constructor(name: string, args: CloudflareOidcTrustArgs, options?: pulumi.ComponentResourceOptions) {
    super(LEDGER_TYPES.oidcTrust, name, {}, options);
    const { gateway } = args;
    const retained = { parent: this, retainOnDelete: true };
    const where = { accountId: gateway.account, scriptName: gateway.worker };
    const script = new WorkersScript(
      name,
      {
        ...where,
        content: gateway.script,
        mainModule: MAIN_MODULE,
        compatibilityDate: COMPATIBILITY_DATE,
        bindings: [{ name: POLICY_BINDING, type: "plain_text", text: gateway.policy }],
        keepBindings: ["secret_text"],
        annotations: { workersMessage: args.message },
      },
      { ...retained, ignoreChanges: args.inSync ? WHATEVER_IS_SENT : [] },
    );
    const after = { ...retained, dependsOn: script };
    const trigger = (part: string) => ({ replacementTrigger: args.writes[part] ?? 0 });
    const workersDev = new WorkersScriptSubdomain(
      name,
      { ...where, enabled: false, previewsEnabled: false },
      { ...after, ...trigger(PART.workersDev) },
    );
    const domains = gateway.hosts.map(
      (hostname) =>
        new WorkersCustomDomain(
          hostname,
          { accountId: gateway.account, hostname, service: gateway.worker, zoneId: gateway.zoneId },
          { ...after, ...trigger(PART.domain(hostname)) },
        ),
    );
    const credential = new ZoneCredential(`${name}/${CREDENTIAL_BINDING}`, args.credential, {
      parent: this,
      dependsOn: script,
    });
    const written = [workersDev.id, ...domains.map(({ id }) => id)].map((id) => follow(id));
    this.confirmed = Promise.all([...written, credential.confirmed]).then((all) => all.every(Boolean));
    const outputs: TrustOutputs = { worker: gateway.worker, writes: args.writes };
    this.registerOutputs(outputs);
  }
}
