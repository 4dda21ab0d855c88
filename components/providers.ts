import * as pulumi from "@pulumi/pulumi";

/**
 * A provider that is declared before anything is known of what it will write: the engine starts its plugin meanwhile, and not
 * when the first resource is there. It gets none of the credentials that the SDK's own classes copy from the environment into
 * the state; the plugin reads them itself.
 */
class EarlyProvider extends pulumi.ProviderResource {
  constructor(kind: string, inputs: pulumi.Inputs) {
    super(kind, kind, inputs);
  }
}

/** The plugins that write to GitHub and to hosts. `owner` is the one of the settings, whoever the token belongs to. */
export function startProviders(owner: string): { github: pulumi.ProviderResource; command: pulumi.ProviderResource } {
  return { github: new EarlyProvider("github", { owner }), command: new EarlyProvider("command", {}) };
}
