import { getVersion as commandVersion } from "@pulumi/command/utilities.js";
import { getVersion as githubVersion } from "@pulumi/github/utilities.js";
import * as pulumi from "@pulumi/pulumi";

import type { Settings } from "../core/model/settings.js";

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

/** Declares those that the settings have places for, by package: no other plugin is started. */
export function declareProviders({ github, hosts, cloudflare }: Settings): Record<string, pulumi.ProviderResource> {
  const commands = Object.keys(hosts).length > 0 || cloudflare !== undefined;
  return {
    ...(github.repositories.length > 0 && { github: new GitHubProvider(github.owner) }),
    ...(commands && { command: new CommandProvider() }),
  };
}

/** GitHub's. `owner` is the one of the settings, whoever the token belongs to. */
class GitHubProvider extends Provider {
  constructor(owner: string) {
    super("github", githubVersion(), { owner });
  }
}

/** The one of commands, on hosts and of our own. */
class CommandProvider extends Provider {
  constructor() {
    super("command", commandVersion());
  }
}
