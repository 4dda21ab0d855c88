import * as pulumi from "@pulumi/pulumi";

import { ActionsSecret, type ActionsSecretArgs } from "./actionsSecret.js";
import { GoneSecret } from "./goneSecret.js";

export interface GitHubActionsSecretsArgs {
  /** By name of the secret. */
  readonly secrets: ReadonlyMap<string, ActionsSecretArgs>;
  /** Names that neither git nor the repository has any more, and the engine's state still does. */
  readonly gone?: { readonly repository: string; readonly names: readonly string[] };
}

/** The Actions secrets of one repository that come from git. The component's name is the repository's. */
export class GitHubActionsSecrets extends pulumi.ComponentResource {
  /** Whether every secret of git is there after this run. */
  readonly confirmed: Promise<boolean>;

  constructor(name: string, args: GitHubActionsSecretsArgs, options?: pulumi.ComponentResourceOptions) {
    super("p24:github:ActionsSecrets", name, {}, options);
    const secrets = [...args.secrets].map(
      ([secretName, secret]) => new ActionsSecret(`${name}/${secretName}`, secret, { parent: this, deletedWith: this }),
    );
    for (const gone of args.gone?.names ?? []) {
      const where = { repository: name, fullName: args.gone?.repository ?? "" };
      new GoneSecret(`${name}/${gone}`, { ...where, name: gone }, { parent: this, deletedWith: this });
    }
    this.confirmed = Promise.all(secrets.map(({ confirmed }) => confirmed)).then((all) => all.every(Boolean));
    this.registerOutputs({});
  }
}
