import { Secret } from "../../core/seal/secret.js";
import { engineEnvironment } from "../../core/seal/environment.js";
import type { StackSecrets } from "../../core/model/stackSecrets.js";
import type { Place } from "./places.js";

/** Where a value legitimately is: the whole list of what the sweep does not call a leak. */
export interface Allowance {
  readonly place: Place;
  /** Matches the whole of a sample's `where`. */
  readonly where: RegExp;
  readonly secrets: RegExp;
  readonly reason: string;
}

/** The exceptions for one run. `stack` are the values of secrets/stack.sops.yaml. */
export function allowancesFor(stack: Readonly<Record<string, string>>): Allowance[] {
  return [...ATHOME, ...engineVariables(stack), ...STANDINS];
}

const ATHOME: readonly Allowance[] = [
  {
    place: "hosts",
    where: /^hosts\/(vps-i1|vps-h1)\/root\/opt\/p24-infra\/(monitoring|hostinger)\/\.env(\.previous)?$/,
    secrets: /^(shared|vps-i1|vps-h1)\//,
    reason: "the file that the sync is for, and its predecessor, on the host",
  },
  {
    place: "hosts",
    where: /^hosts\/(vps-i1|vps-h1)\/root\/root\/\.age\/secrets\.key$/,
    secrets: /^identity\/vps-/,
    reason: "the host's own age identity, made there",
  },
  {
    place: "sandbox",
    where: /^identities\/(dev_radieu|gha_runner)\.txt$/,
    secrets: /^identity\/(dev_radieu|gha_runner)$/,
    reason: "the operator's and CI's age identities; the program gets the path, SOPS_AGE_KEY_FILE",
  },
  {
    place: "sandbox",
    where: /^env$/,
    secrets: /^(stack\/(pulumi_passphrase|cloudflare_deploy_token)|sandbox\/github_token)$/,
    reason: "the sandbox's environment as a file to source (0600), so that plain pulumi works there",
  },
];

/**
 * What p24 puts into the environment of the engine, variable by variable as core/seal/environment.ts does it, and the
 * sandbox's GITHUB_TOKEN, which is the operator's.
 */
function engineVariables(stack: Readonly<Record<string, string>>): Allowance[] {
  const secrets = Object.fromEntries(Object.entries(stack).map(([key, value]) => [key, new Secret(value)]));
  const variables = Object.entries(engineEnvironment(secrets as StackSecrets)).map(([variable, value]) => ({
    variable,
    secret: `stack/${Object.keys(stack).find((key) => stack[key] === value) ?? ""}`,
    reason: "p24 pulumi must put it into the engine's environment (core/seal/environment.ts)",
  }));
  const operators = { variable: "GITHUB_TOKEN", secret: "sandbox/github_token", reason: "the operator's own variable" };
  // core/git/remote.ts: the same token, as an HTTP header for github.com.
  const gits = {
    variable: "GIT_CONFIG_VALUE_0",
    secret: "sandbox/github_token",
    reason: "git's, for a fetch or a push",
  };
  return [...variables, operators, gits].map(({ variable, secret, reason }) => ({
    place: "environment",
    where: new RegExp(`, ${variable}$`),
    secrets: new RegExp(`^${secret}$`),
    reason: `${variable}: ${reason}`,
  }));
}

const STANDINS: readonly Allowance[] = [
  {
    place: "environment",
    where: / \(container\), [A-Z0-9_]+$/,
    secrets: /^(shared|vps-i1|vps-h1)\//,
    reason: "services and health checks of the stand-in for Docker: their environment is what the .env is for",
  },
  {
    place: "arguments",
    where: /./,
    secrets: /^typed\/argument$/,
    reason: "the failure paths type it as an argument: the question is whether p24 repeats it",
  },
  {
    place: "passing files",
    where: /\/work\/secrets\/shared\.sops\.yaml$/,
    secrets: /^typed\/plaintext$/,
    reason: "the failure paths save a source that is not encrypted: the question is whether a message repeats it",
  },
];
