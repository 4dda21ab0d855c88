import type { StackSecrets } from "../model/stackSecrets.js";
import { open } from "./secret.js";

/** Which of the stack's secrets the engine, its backend and the providers read from the environment. */
const VARIABLES = {
  pulumi_passphrase: "PULUMI_CONFIG_PASSPHRASE",
  backend_access_key_id: "AWS_ACCESS_KEY_ID",
  backend_secret_access_key: "AWS_SECRET_ACCESS_KEY",
  cloudflare_deploy_token: "CLOUDFLARE_API_TOKEN",
} as const satisfies Partial<Record<keyof StackSecrets, string>>;

/**
 * The environment for a child that runs the engine. These are the only secrets that ever stand in an environment; they
 * go to the child alone and to nothing that is stored.
 */
export function engineEnvironment(stack: StackSecrets): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [key, variable] of Object.entries(VARIABLES)) {
    const secret = stack[key as keyof typeof VARIABLES];
    if (secret !== undefined) {
      environment[variable] = open(secret);
    }
  }
  return environment;
}
