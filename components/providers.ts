import { getVersion as commandVersion } from "@pulumi/command/utilities.js";
import { getVersion as githubVersion } from "@pulumi/github/utilities.js";
import * as pulumi from "@pulumi/pulumi";

/**
 * A provider that is declared before anything is known of what it will write: the engine starts its plugin meanwhile. The
 * SDKs' own classes are more than that: GitHub's copies credentials from the environment into the state, which the plugin
 * reads there itself.
 */
class Provider extends pulumi.ProviderResource {
  constructor(name: string, version: string, inputs: pulumi.Inputs = {}) {
    super(name, name, inputs, { version });
  }
}

/** GitHub's. `owner` is the one of the settings, whoever the token belongs to. */
export class GitHubProvider extends Provider {
  constructor(owner: string) {
    super("github", githubVersion(), { owner });
  }
}

/** The one of commands, on hosts and of our own. */
export class CommandProvider extends Provider {
  constructor() {
    super("command", commandVersion());
  }
}
