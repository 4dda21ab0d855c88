import type * as pulumi from "@pulumi/pulumi";

import { Check, type CheckArgs } from "./check.js";

/**
 * That Vercel's Git integration deploys every project of the settings, and no Vercel token is stored with GitHub. It creates
 * nothing, and reads nothing through the provider: vercel.getProject reads every environment variable of a project decrypted,
 * and shows no deploy hook (docs/decisions/0007-vercel-without-its-provider.md).
 */
export class VercelIntegrationCheck extends Check {
  constructor(name: string, args: CheckArgs, options?: pulumi.ComponentResourceOptions) {
    super("p24:vercel:IntegrationCheck", name, args, options);
  }
}
