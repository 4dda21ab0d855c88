import { z } from "zod";

import { type Fault, FaultsError } from "./fault.js";
import type { BoundCredential } from "./compare/cloudflare.js";
import type { Left } from "./compare/content.js";
import type { LedgerEntry } from "./compare/github.js";
import { run } from "./process.js";
import type { Fingerprint } from "./seal/fingerprint.js";

/** Type tokens of the components whose registered outputs are the ledger. */
export const LEDGER_TYPES = {
  secret: "p24:github:ActionsSecret",
  history: "p24:git:History",
  oidcTrust: "p24:cloudflare:OidcTrust",
  zoneCredential: "p24:cloudflare:ZoneCredential",
} as const;

/** The provider's resource inside of a secret's component. */
const PROVIDERS_SECRET = "github:index/actionsSecret:ActionsSecret";

/** Type token of a host's component. */
export const HOST_TYPE = "p24:vps:EnvFile";

/** The command inside of a host's component, as its URN tells. */
const HOSTS_COMMAND = /::(?:[^:]*\$)?p24:vps:EnvFile\$command:remote:Command::(.+)$/s;

/** What the host got and applied, and where its serial stands in clear: docs/host-protocol.md, "Payload". */
const commandOutputs = z.object({ stdin: z.string() });
const PAYLOADS_SERIAL = /^p24-payload 1\nhost .+\ntarget .+\nserial ([1-9]\d{0,14})\n/;

/** What a secret's component registers as soon as its write is confirmed. */
const secretOutputs = z.object({
  repository: z.string(),
  name: z.string(),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  keyId: z.string(),
  updatedAt: z.string(),
});

/** What it registers once the secret is gone at GitHub and git no longer wants it. */
const goneOutputs = z.object({ repository: z.string(), name: z.string(), gone: z.literal(true) });

/** What the gateway's component registers: how often each part that is written anew as a whole was so. */
const trustOutputs = z.object({ worker: z.string(), writes: z.record(z.string(), z.int()) });

/** What the credential's component registers as soon as the Worker has it. */
const credentialOutputs = z.object({
  worker: z.string(),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  keyId: z.string(),
  version: z.string(),
});

/** What the run itself registers: at its start what it attempts, in the stack's outputs what came of it. */
const historyOutputs = z.object({
  attempted: z.string().optional(),
  /** Repositories that left the settings, with the names that we had written there. */
  former: z.record(z.string(), z.array(z.string())).default({}),
});
const stackOutputs = z.object({
  converged: z.string().optional(),
  left: z.object({ keyId: z.string(), hosts: z.record(z.string(), z.string()) }).optional(),
});

export type SecretOutputs = z.infer<typeof secretOutputs>;
export type GoneOutputs = z.infer<typeof goneOutputs>;
export type TrustOutputs = z.infer<typeof trustOutputs>;
export type CredentialOutputs = z.infer<typeof credentialOutputs>;
export type HistoryOutputs = z.infer<typeof historyOutputs>;

/**
 * What the stack remembers of its own writes. Every entry is saved by the engine the moment its write is confirmed, so a
 * run that fails or is killed forgets nothing but the write in flight.
 */
export interface Ledger {
  /** By repository (`radieu/p24-infra`), then by name. */
  readonly github: ReadonlyMap<string, ReadonlyMap<string, LedgerEntry>>;
  /** Names of which the engine's state holds the provider's resource, by repository: what it deletes when we are silent. */
  readonly held: ReadonlyMap<string, ReadonlySet<string>>;
  /** Hosts of which it holds the command. */
  readonly heldHosts: ReadonlySet<string>;
  /** Last serial that the host confirmed, by host. */
  readonly serials: ReadonlyMap<string, number>;
  /** Our last write of the gateway's credential, by Worker. */
  readonly credentials: ReadonlyMap<string, BoundCredential>;
  /** By Worker, then by part ({@link TrustOutputs}). */
  readonly gatewayWrites: ReadonlyMap<string, Readonly<Record<string, number>>>;
  readonly former: Readonly<Record<string, readonly string[]>>;
  /** Commit of the last run that began, and of the last that left every place equal to git. */
  readonly attempted: string | undefined;
  readonly converged: string | undefined;
  /** What the last run that ended left each host with. */
  readonly left: Left | undefined;
  /** How many operations a killed run had begun, of which the engine does not know how they ended. */
  readonly interrupted: number;
}

export const EMPTY_LEDGER: Ledger = {
  github: new Map(),
  held: new Map(),
  heldHosts: new Set(),
  serials: new Map(),
  credentials: new Map(),
  gatewayWrites: new Map(),
  former: {},
  attempted: undefined,
  converged: undefined,
  left: undefined,
  interrupted: 0,
};

const resourceSchema = z.object({ type: z.string(), urn: z.string(), outputs: z.unknown().optional() });

/** A resource of the engine's state, as far as the ledger looks at it. */
export type StateResource = z.infer<typeof resourceSchema>;

const deploymentSchema = z.object({
  deployment: z
    .object({
      resources: z.array(resourceSchema).nullish(),
      pending_operations: z.array(z.unknown()).nullish(),
    })
    .nullish(),
});

/**
 * Reads the ledger from the stack's state without an engine: `pulumi stack export`, which takes no lock and needs no
 * passphrase because nothing in the ledger is secret. A stack without state has the empty ledger. Throws a FaultsError.
 */
export async function readLedger(root: string, stack: string, env: NodeJS.ProcessEnv): Promise<Ledger> {
  const { code, stdout } = await run("pulumi", ["stack", "export", "--stack", stack, "--non-interactive"], {
    cwd: root,
    env,
  });
  if (code !== 0) {
    throw new FaultsError([exportFault(code, stack)]);
  }
  return parseLedger(stdout, stack);
}

function exportFault(code: number | undefined, stack: string): Fault {
  return code === undefined
    ? {
        where: `stack ${stack}`,
        what: "pulumi was not found",
        repair: "node toolchain/setup.mjs, or install pulumi",
      }
    : unreadableState(stack);
}

/** What is said of a stack that does not exist or whose state cannot be opened. */
export function unreadableState(stack: string): Fault {
  return {
    where: `stack ${stack}`,
    what: "its state could not be read",
    repair: `pulumi stack export --stack ${stack} shows why; a new stack: pulumi stack init ${stack}`,
  };
}

/** Takes the ledger out of an exported deployment (JSON). */
export function parseLedger(json: string, stack: string): Ledger {
  let parsed;
  try {
    parsed = deploymentSchema.safeParse(JSON.parse(json));
  } catch {
    parsed = undefined;
  }
  if (parsed?.success !== true) {
    const repair = `pulumi stack history --stack ${stack}, then pulumi stack import an older state`;
    throw new FaultsError([
      { where: `stack ${stack}`, what: "its state is not of the form that Pulumi writes", repair },
    ]);
  }
  const { resources, pending_operations } = parsed.data.deployment ?? {};
  return { ...ledgerFrom(resources ?? []), interrupted: pending_operations?.length ?? 0 };
}

/** Takes the ledger out of a state's resources. */
export function ledgerFrom(resources: readonly StateResource[]): Ledger {
  const github = new Map<string, Map<string, LedgerEntry>>();
  const credentials = new Map<string, BoundCredential>();
  const gatewayWrites = new Map<string, Readonly<Record<string, number>>>();
  let history: HistoryOutputs = { former: {} };
  let ofStack: z.infer<typeof stackOutputs> = {};
  for (const { type, outputs } of resources) {
    switch (type) {
      case LEDGER_TYPES.secret:
        addSecret(github, outputs);
        break;
      case LEDGER_TYPES.zoneCredential: {
        const entry = credentialOutputs.safeParse(outputs);
        if (entry.success) {
          const { worker, fingerprint, keyId, version } = entry.data;
          credentials.set(worker, { fingerprint: fingerprint as Fingerprint, keyId, version });
        }
        break;
      }
      case LEDGER_TYPES.oidcTrust: {
        const entry = trustOutputs.safeParse(outputs).data;
        if (entry !== undefined) {
          gatewayWrites.set(entry.worker, entry.writes);
        }
        break;
      }
      case LEDGER_TYPES.history:
        history = historyOutputs.safeParse(outputs).data ?? history;
        break;
      case "pulumi:pulumi:Stack":
        ofStack = stackOutputs.safeParse(outputs).data ?? ofStack;
        break;
    }
  }
  const { former, attempted } = history;
  const { converged, left } = ofStack;
  const held = heldNames(resources);
  return {
    github,
    held,
    ...ofHosts(resources),
    credentials,
    gatewayWrites,
    former,
    attempted,
    converged,
    left,
    interrupted: 0,
  };
}

/** The engine keeps a command's former payload when an apply fails: what it has is the last one that the host confirmed. */
function ofHosts(resources: readonly StateResource[]): Pick<Ledger, "heldHosts" | "serials"> {
  const heldHosts = new Set<string>();
  const serials = new Map<string, number>();
  for (const { urn, outputs } of resources) {
    const host = HOSTS_COMMAND.exec(urn)?.[1];
    if (host !== undefined) {
      heldHosts.add(host);
      const serial = PAYLOADS_SERIAL.exec(commandOutputs.safeParse(outputs).data?.stdin ?? "")?.[1];
      if (serial !== undefined) {
        serials.set(host, Number(serial));
      }
    }
  }
  return { heldHosts, serials };
}

function addSecret(github: Map<string, Map<string, LedgerEntry>>, outputs: unknown): void {
  const parsed = secretOutputs.safeParse(outputs);
  if (!parsed.success) {
    return; // never written: the component was registered and its first write failed
  }
  const { repository, name, fingerprint, keyId, updatedAt } = parsed.data;
  const entries = github.get(repository) ?? new Map<string, LedgerEntry>();
  entries.set(name, { fingerprint: fingerprint as Fingerprint, keyId, updatedAt });
  github.set(repository, entries);
}

/** A secret's component counts as held when the provider's resource is below it, which its URN tells: the types of all parents. */
function heldNames(resources: readonly StateResource[]): Map<string, Set<string>> {
  const providers = resources.filter(({ type }) => type === PROVIDERS_SECRET).map(({ urn }) => urn);
  const parents = new Set(providers.map((urn) => urn.replace(`$${PROVIDERS_SECRET}::`, "::")));
  const held = new Map<string, Set<string>>();
  for (const { type, urn, outputs } of resources) {
    const named = type === LEDGER_TYPES.secret && parents.has(urn);
    const parsed = named ? z.union([secretOutputs, goneOutputs]).safeParse(outputs).data : undefined;
    if (parsed !== undefined) {
      held.set(parsed.repository, (held.get(parsed.repository) ?? new Set()).add(parsed.name));
    }
  }
  return held;
}
