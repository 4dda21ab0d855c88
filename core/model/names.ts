/**
 * Names of secrets: what a key of a source may be called, and what is reserved at the places.
 * GitHub's rules: docs.github.com, "Naming your secrets". Compose's: the variables that change the tools themselves.
 */

/** Held only as GitHub secrets of the repository; they cannot live in sops because sops is opened with them. */
export const ROOTS_OF_TRUST: ReadonlySet<string> = new Set([
  "VPS_SSH_PRIVATE_KEY",
  "VPS_ROOT_SSH_KEY",
  "AGE_KEY_GHA",
  "P24_BOT_APP_ID",
  "P24_BOT_PRIVATE_KEY",
]);

/** What the templates under secrets/ hold where a value belongs. */
export const TEMPLATE_VALUE = "PLACEHOLDER";

/** GitHub's limits: secrets a repository, and bytes of one value. */
export const GITHUB_LIMITS = { secrets: 100, bytes: 48 * 1024 } as const;

/** A payload for a host may have 1 MiB (docs/host-protocol.md); this leaves room for age's armor. */
export const ENV_FILE_LIMIT_BYTES = 700 * 1024;

/** Names that would change Compose, Docker or the shell instead of a service. Refused on the host as well. */
const RESERVED_ON_HOSTS = /^(?:COMPOSE_.*|DOCKER_.*|LD_.*|PATH|HOME|SHELL|IFS|ENV|BASH_ENV)$/;

/** `pdf_service_api_key` becomes `PDF_SERVICE_API_KEY`; `undefined` when the key cannot be a variable's name. */
export function variableName(key: string): string | undefined {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key.toUpperCase() : undefined;
}

/**
 * Why a new key cannot stand in a source, `undefined` when it can. sops keeps its metadata under `sops`, and leaves a value
 * whose key ends with its `unencrypted_suffix` in clear (getsops/sops, `stores/stores.go`; `_unencrypted` by default).
 */
export function keyProblem(key: string): string | undefined {
  if (variableName(key) === undefined || key !== key.toLowerCase()) {
    return "cannot be a key: use lower-case letters, digits and underscores, not starting with a digit";
  }
  if (key === "sops") {
    return "is where sops keeps its metadata";
  }
  return key.endsWith("_unencrypted") ? "would not be encrypted: sops leaves such a key's value in clear" : undefined;
}

/** Whether a host refuses the name. */
export function isReservedOnHosts(name: string): boolean {
  return RESERVED_ON_HOSTS.test(name);
}

/** Whether GitHub refuses the name. */
export function isReservedAtGithub(name: string): boolean {
  return name.startsWith("GITHUB_");
}
