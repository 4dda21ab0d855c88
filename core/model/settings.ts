import { z } from "zod";

import { type Fault, FaultsError } from "../fault.js";
import { cloudflareSchema } from "./cloudflare.js";
import { githubAppSchema } from "./githubApp.js";
import { variableName } from "./names.js";
import { vercelSchema } from "./vercel.js";

/** What the settings hold until the bootstrap fills them. */
export const PENDING = "PENDING";

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be lower-case letters, digits and dashes");
const variable = z.string().refine((name) => variableName(name) === name, "must be an upper-case variable name");

/** One word of the host's list of targets, as `usable_target` of host/p24-host takes it. */
const hostPath = z
  .string()
  .regex(
    /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/,
    "must be an absolute path of plain names: letters, digits, dots, dashes",
  );

/** What differs from {@link installationOf}'s defaults. */
const installSchema = z.strictObject({
  directory: hostPath.exactOptional(),
  owner: z
    .string()
    .regex(/^[A-Za-z0-9_.][A-Za-z0-9_.-]*:[A-Za-z0-9_.][A-Za-z0-9_.-]*$/, "must be USER:GROUP")
    .exactOptional(),
  mode: z
    .string()
    .regex(/^(?:400|440|600|640)$/, "must be 400, 440, 600 or 640")
    .exactOptional(),
  project: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]*$/, "must be a Compose project's name")
    .exactOptional(),
  timeout: z.int().min(1).max(9999).exactOptional(),
  postApply: hostPath.exactOptional(),
  metrics: hostPath.exactOptional(),
});

const hostSchema = z.strictObject({
  /** IP address or DNS name of the VPS. */
  address: z.string().min(1),
  port: z.int().min(1).max(65535).default(22),
  /** Whom the sync logs in as. */
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, "must be a user's name on the host, in lower case")
    .default("claude-admin"),
  /** The host's public identity, as `ssh-keyscan` prints it: `ssh-ed25519 AAAA…`. */
  hostKey: z.string().regex(/^(?:PENDING|(?:ssh-ed25519|ecdsa-sha2-nistp256|rsa-sha2-512|ssh-rsa) [A-Za-z0-9+/=]+)$/, {
    error: "must be the host's public identity: an algorithm and its base64",
  }),
  /** Name of the target in the host's /etc/p24-host/targets. */
  target: slug,
  /** Variables of the .env file that are no secrets: ports, time zone. */
  plain: z.record(variable, z.string().min(1, "must not be empty")).default({}),
  /** Names that the host's present .env has and nobody needs: `up` may drop them. */
  prune: z.array(variable).default([]),
  install: installSchema.exactOptional(),
});

/** GitHub's names of repositories do not tell upper and lower case apart. */
function noneTwice(names: readonly string[], context: z.RefinementCtx): void {
  for (const [index, name] of names.entries()) {
    if (names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) < index) {
      context.addIssue({ code: "custom", path: [index], message: "is there twice" });
    }
  }
}

const githubSchema = z
  .strictObject({
    owner: z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/, "must be a GitHub account's name"),
    repositories: z
      .array(z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, "must be a repository's name, without owner"))
      .superRefine(noneTwice),
    /** The one of them that holds this program and its workflows, and so the roots of trust. */
    home: z.string().exactOptional(),
    app: githubAppSchema.exactOptional(),
  })
  .superRefine(({ home, repositories }, context) => {
    if (home !== undefined && !repositories.includes(home)) {
      context.addIssue({ code: "custom", path: ["home"], message: "is none of github.repositories" });
    }
  });

const settingsSchema = z.strictObject({
  github: githubSchema,
  hosts: z.record(slug, hostSchema),
  /** Where Pulumi keeps the stack's state: `s3://…` or `file://…`. Used by `p24 pulumi`. */
  backend: z.string().min(1).optional(),
  // Further places (core/further.ts): each optional, each with a schema of its own.
  vercel: vercelSchema.exactOptional(),
  cloudflare: cloudflareSchema.exactOptional(),
});

/** The settings of a stack: everything about the places that is no secret. */
export type Settings = z.infer<typeof settingsSchema>;
export type HostSettings = z.infer<typeof hostSchema>;

/** What Debian's package prometheus-node-exporter makes and reads. */
const DEBIAN_TEXTFILES = "/var/lib/prometheus/node-exporter";

/** Where and how the host program keeps a target's `.env`: the fields of its line in /etc/p24-host/targets. */
export interface Installation {
  /** Of the target's Compose project; the `.env` lies in it. */
  readonly directory: string;
  /** USER:GROUP of the `.env`. */
  readonly owner: string;
  /** Of the `.env`, octal. */
  readonly mode: string;
  /** Compose's name of the project. */
  readonly project: string;
  /** Seconds that services may take to become healthy. */
  readonly timeout: number;
  /** An executable on the host that is run after an apply. */
  readonly postApply?: string;
  /** Where node_exporter's textfile collector reads on this host. Nothing is written while it is not there. */
  readonly metrics: string;
}

/** A host's installation, with defaults for what its settings leave out. */
export function installationOf({ target, install }: Pick<HostSettings, "target" | "install">): Installation {
  const defaults = { owner: "root:root", mode: "600", project: target, timeout: 120, metrics: DEBIAN_TEXTFILES };
  return { directory: `/opt/p24-infra/${target}`, ...defaults, ...install };
}

/** The settings' names in Pulumi.STACK.yaml, without the project's prefix. */
export const SETTINGS = ["github", "hosts", "backend", "vercel", "cloudflare"] as const;

/** `bootstrap`: what only an installed host can tell, its identities, may still be missing. */
export type Stage = "bootstrap" | "running";

/**
 * Checks the raw settings of one stack. `file` is where the operator repairs them (`Pulumi.prod.yaml`).
 * Throws a FaultsError with all faults.
 */
export function parseSettings(
  raw: Readonly<Record<string, unknown>>,
  file: string,
  stage: Stage = "running",
): Settings {
  const given = Object.entries(raw).filter(([, value]) => value !== undefined);
  const parsed = settingsSchema.safeParse(Object.fromEntries(given.map(([name, value]) => [name, plain(value)])));
  if (!parsed.success) {
    throw new FaultsError(parsed.error.issues.map((issue) => settingFault(issue, file)));
  }
  const faults = stage === "running" ? pendingFaults(parsed.data, file) : [];
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
  return parsed.data;
}

/** Structured settings come as the YAML has them, or as the JSON text that the engine and `pulumi config set` make of it. */
function plain(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) {
    return value;
  }
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function settingFault(issue: z.core.$ZodIssue, file: string): Fault {
  const name = settingPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = name === "" ? `known settings: ${SETTINGS.join(", ")}` : "compare with docs/architecture.md";
    const names = issue.keys.map((unknown) => settingPath([...issue.path, unknown]));
    return { where: file, name: names.join(", "), what: "is not a known setting", repair: `remove it (${known})` };
  }
  if (issue.code === "invalid_key") {
    return { where: file, name, what: issue.issues[0]?.message ?? issue.message, repair: `rename it in ${file}` };
  }
  const missing = issue.code === "invalid_type" && /received undefined/.test(issue.message);
  const path = `p24-infra:${name}`;
  // Without the type, pulumi makes a number of 8080 and 493 of 0755.
  const type = issue.code === "invalid_type" && issue.expected === "string" && !missing ? "--type string " : "";
  return {
    where: file,
    name,
    what: missing ? "is missing" : issue.message,
    repair: `pulumi config set ${type}--path ${path.includes("[") ? `"${path}"` : path} VALUE`,
  };
}

/** A setting's path as \`pulumi config set --path\` takes it: \`hosts.vps-i1.prune[0]\`. */
function settingPath(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === "number" ? `[${String(step)}]` : `.${String(step)}`))
    .join("")
    .slice(1);
}

function pendingFaults(settings: Settings, file: string): Fault[] {
  return Object.entries(settings.hosts)
    .filter(([, host]) => host.hostKey === PENDING)
    .map(([name, host]) => ({
      where: file,
      name: `hosts.${name}.hostKey`,
      what: "is not filled yet, so the host's identity could not be checked",
      repair: `ssh-keyscan -t ed25519 -p ${String(host.port)} ${host.address}, compare it with the provider's console, then pulumi config set --path p24-infra:hosts.${name}.hostKey "ssh-ed25519 AAAA…"`,
    }));
}
