/** What the Worker and the component that declares it have to agree on. */

/** Binding with the policy: `json`, or `plain_text` with the same document. */
export const POLICY_BINDING = "POLICY";

/**
 * Binding with the zone's credential, a secret: an API token of Cloudflare that may read one zone and edit its DNS records
 * (permissions Zone Read and DNS Write).
 */
export const CREDENTIAL_BINDING = "ZONE_CREDENTIAL";

/** Name of the one module of the script. */
export const MAIN_MODULE = "gateway.mjs";

/** The runtime's behaviour that the tests ran with; not later than what the pinned miniflare knows. */
export const COMPATIBILITY_DATE = "2026-04-01";
