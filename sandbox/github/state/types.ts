/** What the emulated GitHub remembers. Nothing of it is ever written to a file. */
import type { KeyObject } from "node:crypto";
import type { components } from "@octokit/openapi-types";

/** A shape of GitHub's published description (npm: @octokit/openapi-types). */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

export type AppPermissions = Schema<"app-permissions">;
/** `actions_variables` exists at GitHub and is missing in the published list. */
export type PermissionName = keyof AppPermissions | "actions_variables";
/** Permissions of an App, an installation or one of its tokens: name to level. */
export type Permissions = AppPermissions & { actions_variables?: "read" | "write" };

export interface Account {
  id: number;
  login: string;
  type: "User" | "Organization" | "Bot";
  createdAt: Date;
}

/** A user's role in a repository. */
export type Role = "admin" | "write" | "read";

export interface Secret {
  name: string;
  /** Opened with the private part when it was written. */
  value: Buffer;
  createdAt: Date;
  updatedAt: Date;
}

export interface Variable {
  name: string;
  value: string;
  createdAt: Date;
  updatedAt: Date;
}

/** A repository's X25519 pair for sealed boxes; raw, 32 bytes each. */
export interface SealingPair {
  id: string;
  publicPart: Buffer;
  privatePart: Buffer;
}

/** How often the API wrote one secret. Changes behind the program's back are not counted. */
export interface Writes {
  created: number;
  updated: number;
  deleted: number;
}

export type DeploymentState = Schema<"deployment-status">["state"];

export interface Deployment {
  id: number;
  sha: string;
  ref: string;
  environment: string;
  creator: Account;
  createdAt: Date;
  statuses: { id: number; state: DeploymentState; url: string; createdAt: Date }[];
}

export interface Comment {
  id: number;
  body: string;
  user: Account;
  createdAt: Date;
  /** The commit it stands at; absent for a comment of an issue. */
  commit?: string;
}

export interface Issue {
  id: number;
  number: number;
  title: string;
  body: string | null;
  state: "open" | "closed";
  labels: string[];
  user: Account;
  comments: Comment[];
  createdAt: Date;
  updatedAt: Date;
  closedAt?: Date;
  /** Makes it a pull request. */
  pull?: PullBranches;
}

/** What a pull request is about: names of branches, and the head's commit. */
export interface PullBranches {
  head: string;
  base: string;
  sha: string;
}

export interface Repository {
  id: number;
  owner: Account;
  name: string;
  /** Earlier names of it: answered with a redirect. */
  formerNames: string[];
  private: boolean;
  defaultBranch: string;
  description: string | null;
  createdAt: Date;
  roles: Map<string, Role>;
  sealing: SealingPair;
  secrets: Map<string, Secret>;
  /** Environments by name, with their secrets. */
  environments: Map<string, Map<string, Secret>>;
  /** Secrets of the organization that this repository may use. */
  organizationSecrets: Map<string, Secret>;
  variables: Map<string, Variable>;
  /** Workflow files of the default branch: name to text. */
  workflows: Map<string, string>;
  writes: Map<string, Writes>;
  deployments: Deployment[];
  issues: Issue[];
  commitComments: Comment[];
  /** `unavailable`: the plan does not carry it, as for most private repositories. */
  secretScanning: "enabled" | "disabled" | "unavailable";
  pushProtection: "enabled" | "disabled";
}

export interface App {
  id: number;
  clientId: string;
  slug: string;
  name: string;
  owner: Account;
  bot: Account;
  permissions: Permissions;
  /** Verifies the App's own JSON web tokens. */
  verifier: KeyObject;
  createdAt: Date;
}

export interface Installation {
  id: number;
  app: App;
  account: Account;
  selection: "all" | "selected";
  /** Ids; used when the selection is `selected`. */
  repositories: Set<number>;
  permissions: Permissions;
  createdAt: Date;
  suspended: boolean;
}
