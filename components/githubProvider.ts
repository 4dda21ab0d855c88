import { getVersion } from "@pulumi/github/utilities.js";
import * as pulumi from "@pulumi/pulumi";

/**
 * GitHub's provider, declared before anything is known of what it will write: the engine starts its plugin meanwhile. `owner`
 * is the one of the settings, whoever the token belongs to. It gets none of the credentials that the SDK's own class copies
 * from the environment into the state; the plugin reads them itself.
 */
export class GitHubProvider extends pulumi.ProviderResource {
  constructor(owner: string) {
    super("github", "github", { owner }, { version: getVersion() });
  }
}
