import type * as pulumi from "@pulumi/pulumi";

import { Check, type CheckArgs } from "./check.js";

/**
 * The GitHub App that CI works as: its identity, permissions and installation. It is verified and not managed, because no
 * token that CI has may change an installation (docs/decisions/0006-github-app-is-verified.md). The component's name is the App's.
 */
export class GitHubApp extends Check {
  constructor(name: string, args: CheckArgs, options?: pulumi.ComponentResourceOptions) {
    super("p24:github:App", name, args, options);
  }
}
