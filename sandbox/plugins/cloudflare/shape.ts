/**
 * The resources that the program declares: their inputs, which of them force a new resource, and what the provider computes.
 * From terraform-provider-cloudflare v5.22.0, internal/services/workers_{script,custom_domain,script_subdomain}/schema.go,
 * as far as the program uses them.
 */
export type Type = "bool" | "list" | "object" | "string";

export interface Input {
  readonly name: string;
  readonly type: Type;
  /** Of a required one: what is said when it is missing. */
  readonly description?: string;
  /** A change of it makes a new resource. */
  readonly replaces?: true;
  /** What the provider plans when it is not given. */
  readonly fallback?: boolean | string;
}

export interface Shape {
  readonly inputs: readonly Input[];
  /** What a new resource has and nobody knows before it is made, unless it is given. */
  readonly computed: readonly string[];
  /** Of these, what an update does not change. */
  readonly stable: readonly string[];
  /** Inputs with computed parts: when they are no longer given, nobody knows what they become. */
  readonly open: readonly string[];
}

export const SCRIPT: Shape = {
  inputs: [
    { name: "accountId", type: "string", description: "Identifier.", replaces: true },
    {
      name: "scriptName",
      type: "string",
      description: "Name of the script, used in URLs and route configuration.",
      replaces: true,
    },
    { name: "annotations", type: "object" },
    { name: "bindings", type: "list" },
    { name: "compatibilityDate", type: "string" },
    { name: "compatibilityFlags", type: "list" },
    { name: "content", type: "string" },
    { name: "keepBindings", type: "list" },
    { name: "logpush", type: "bool", fallback: false },
    { name: "mainModule", type: "string" },
    { name: "usageModel", type: "string", fallback: "standard" },
  ],
  computed: [
    ...["annotations", "bindings", "compatibilityDate", "compatibilityFlags", "createdOn", "etag", "handlers"],
    ...["hasAssets", "hasModules", "id", "lastDeployedFrom", "migrationTag", "modifiedOn", "namedHandlers"],
    ...["placement", "placementMode", "placementStatus", "startupTimeMs", "tailConsumers"],
  ],
  stable: ["createdOn", "id", "compatibilityDate"],
  open: ["annotations", "bindings"],
};

export const CUSTOM_DOMAIN: Shape = {
  inputs: [
    { name: "accountId", type: "string", description: "Identifier.", replaces: true },
    {
      name: "hostname",
      type: "string",
      description:
        "Hostname of the domain. Can be either the zone apex or a subdomain of the zone. Requests to this hostname will be routed to the configured Worker.",
      replaces: true,
    },
    {
      name: "service",
      type: "string",
      description:
        "Name of the Worker associated with the domain. Requests to the configured hostname will be routed to this Worker.",
      replaces: true,
    },
    { name: "environment", type: "string", replaces: true },
    { name: "zoneId", type: "string", replaces: true },
    { name: "zoneName", type: "string", replaces: true },
  ],
  computed: ["certId", "environment", "id", "zoneId", "zoneName"],
  stable: ["id"],
  open: [],
};

export const SUBDOMAIN: Shape = {
  inputs: [
    { name: "accountId", type: "string", description: "Identifier.", replaces: true },
    {
      name: "scriptName",
      type: "string",
      description: "Name of the script, used in URLs and route configuration.",
      replaces: true,
    },
    {
      name: "enabled",
      type: "bool",
      description: "Whether the Worker should be available on the workers.dev subdomain.",
    },
    { name: "previewsEnabled", type: "bool" },
  ],
  computed: ["id", "previewsEnabled"],
  stable: ["id"],
  open: [],
};
