/** Filling the emulated GitHub: what stands there before a client comes. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { appNumber } from "./routes/apps.js";
import { createSealingPair, type State } from "./state/state.js";
import type {
  Account,
  App,
  Deployment,
  DeploymentState,
  Installation,
  Permissions,
  Repository,
  Role,
} from "./state/types.js";

/** A repository to add. */
export interface RepositorySeed {
  owner: string;
  name: string;
  /** `Organization` unless told; counts when the owner is new. */
  ownerType?: "Organization" | "User";
  ownerId?: number;
  id?: number;
  /** true unless told. */
  private?: boolean;
  /** `main` unless told. */
  defaultBranch?: string;
  /** Logins of users to their roles. */
  collaborators?: Record<string, Role>;
  /** Unless told: `disabled` for public repositories, `unavailable` (not in the plan) for private ones. */
  secretScanning?: Repository["secretScanning"];
}

/** What a caller needs to know of a repository. */
export interface RepositoryInfo {
  id: number;
  ownerId: number;
  fullName: string;
}

export function addRepository(state: State, seed: RepositorySeed): RepositoryInfo {
  if (state.repository(seed.owner, seed.name)) throw new Error(`repository exists: ${seed.owner}/${seed.name}`);
  const owner = state.ensureAccount(seed.owner, seed.ownerType ?? "Organization", seed.ownerId);
  const isPrivate = seed.private ?? true;
  for (const login of Object.keys(seed.collaborators ?? {})) state.ensureAccount(login, "User");
  const one: Repository = {
    id: seed.id ?? state.nextId(),
    owner,
    name: seed.name,
    formerNames: [],
    private: isPrivate,
    defaultBranch: seed.defaultBranch ?? "main",
    description: null,
    createdAt: state.now(),
    roles: new Map(Object.entries(seed.collaborators ?? {}).map(([login, role]) => [login.toLowerCase(), role])),
    sealing: createSealingPair(),
    secrets: new Map(),
    environments: new Map(),
    organizationSecrets: new Map(),
    variables: new Map(),
    workflows: new Map(),
    writes: new Map(),
    deployments: [],
    issues: [],
    commitComments: [],
    secretScanning: seed.secretScanning ?? (isPrivate ? "unavailable" : "disabled"),
    pushProtection: "disabled",
  };
  state.repositories.push(one);
  return { id: one.id, ownerId: owner.id, fullName: `${owner.login}/${one.name}` };
}

/** An App to add. */
export interface AppSeed {
  slug: string;
  owner: string;
  permissions: Permissions;
}

/** What a caller needs to know of an App. The private part signs its JSON web tokens (RS256), PEM as GitHub gives it out. */
export interface AppInfo {
  id: number;
  clientId: string;
  slug: string;
  /** The login of its bot: `SLUG[bot]`. */
  botLogin: string;
  privatePem: string;
}

export function addApp(state: State, seed: AppSeed): AppInfo {
  if (state.apps.some((one) => one.slug === seed.slug)) throw new Error(`App exists: ${seed.slug}`);
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const app: App = {
    id: appNumber(),
    clientId: `Iv23li${randomBytes(7).toString("hex")}`,
    slug: seed.slug,
    name: seed.slug,
    owner: state.ensureAccount(seed.owner, "Organization"),
    bot: state.ensureAccount(`${seed.slug}[bot]`, "Bot"),
    permissions: seed.permissions,
    verifier: pair.publicKey,
    createdAt: state.now(),
  };
  state.apps.push(app);
  return {
    id: app.id,
    clientId: app.clientId,
    slug: app.slug,
    botLogin: app.bot.login,
    privatePem: pair.privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
  };
}

/** An installation of an App on an account. */
export interface InstallationSeed {
  app: string;
  owner: string;
  /** `all`, or names of repositories. */
  repositories: "all" | string[];
  /** The App's own unless told. */
  permissions?: Permissions;
}

export function installApp(state: State, seed: InstallationSeed): Installation {
  const app = state.apps.find((one) => one.slug === seed.app);
  if (!app) throw new Error(`no such App: ${seed.app}`);
  const account: Account = state.ensureAccount(seed.owner, "Organization");
  const one: Installation = {
    id: appNumber(),
    app,
    account,
    selection: seed.repositories === "all" ? "all" : "selected",
    repositories: new Set(),
    permissions: seed.permissions ?? app.permissions,
    createdAt: state.now(),
    suspended: false,
  };
  if (seed.repositories !== "all") {
    for (const name of seed.repositories) one.repositories.add(required(state, seed.owner, name).id);
  }
  state.installations.push(one);
  return one;
}

/** A deployment to add. */
export interface DeploymentSeed {
  /** `vercel[bot]` unless told. */
  creator?: string;
  /** `Production` unless told. */
  environment?: string;
  ref?: string;
  /** 40 hex digits; random unless told. */
  sha?: string;
  /** Its last status, `success` unless told; `null` for none. */
  state?: DeploymentState | null;
  /** Where it is to be seen. */
  url?: string;
  createdAt?: Date;
}

export function addDeployment(state: State, owner: string, repo: string, seed: DeploymentSeed): { id: number } {
  const repository = required(state, owner, repo);
  const creator = seed.creator ?? "vercel[bot]";
  const at = seed.createdAt ?? state.now();
  const made: Deployment = {
    id: state.nextId(),
    sha: seed.sha ?? randomBytes(20).toString("hex"),
    ref: seed.ref ?? repository.defaultBranch,
    environment: seed.environment ?? "Production",
    creator: state.ensureAccount(creator, creator.endsWith("[bot]") ? "Bot" : "User"),
    createdAt: at,
    statuses: [],
  };
  if (seed.state !== null) {
    made.statuses.push({
      id: state.nextId(),
      state: seed.state ?? "success",
      url: seed.url ?? `https://${repository.name}.example.invalid`,
      createdAt: at,
    });
  }
  repository.deployments.push(made);
  // GitHub makes the environment of a deployment when there is none.
  if (!repository.environments.has(made.environment)) repository.environments.set(made.environment, new Map());
  return { id: made.id };
}

/** The repository of that name; an error for whoever misspelt it. */
export function required(state: State, owner: string, name: string): Repository {
  const found = state.repository(owner, name);
  if (!found) throw new Error(`no such repository: ${owner}/${name}`);
  return found;
}
