// @ts-check
/**
 * Metadata that sops writes into a file for age identities: getsops/sops, stores/stores.go, `Metadata`. Sources are encrypted to
 * age identities and to nothing else, else who can open them is not what .sops.yaml says. A list of what may be there, as sops
 * knows more services with each version. In plain JavaScript, because the hook reads it, too.
 */
export const OF_AGE = new Set([
  "age",
  "lastmodified",
  "mac",
  "version",
  "unencrypted_suffix",
  "encrypted_suffix",
  "unencrypted_regex",
  "encrypted_regex",
  "unencrypted_comment_regex",
  "encrypted_comment_regex",
  "mac_only_encrypted",
]);

/** Other services that may stand there when they are empty, as former versions of sops wrote them. */
export const OTHER_SERVICES = new Set(["kms", "gcp_kms", "azure_kv", "hc_vault", "hckms", "pgp", "key_groups"]);

export const NOT_OF_AGE = "opens with more than age identities, so others than its recipients may read it";
