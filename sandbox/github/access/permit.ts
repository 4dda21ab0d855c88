/**
 * Whether a caller may use a route. Which permission each route needs: github/docs,
 * `src/github-apps/data/fpt-2022-11-28/server-to-server-permissions.json`.
 */
import {
  authenticationRequired,
  forbidden,
  notForIntegration,
  notForPersonal,
  notFound,
  undecodableJwt,
} from "../http/errors.js";
import type { Access } from "../http/route.js";
import type { State } from "../state/state.js";
import type { PermissionName, Permissions, Repository, Role } from "../state/types.js";
import type { Credential } from "./credentials.js";

/** Lets a request pass or ends it with GitHub's refusal. For routes outside repositories. */
export function permit(access: Exclude<Access, { kind: "repository" }>, caller: Credential): void {
  switch (access.kind) {
    case "anyone":
      return;
    case "user":
      if (caller.kind === "anonymous") throw authenticationRequired();
      if (caller.kind !== "classic" && caller.kind !== "fine-grained") throw notForIntegration();
      return;
    case "classic":
      if (caller.kind === "anonymous") throw authenticationRequired();
      if (caller.kind === "fine-grained") throw notForPersonal();
      if (caller.kind !== "classic") throw notForIntegration();
      return;
    case "app":
      if (caller.kind !== "app") throw undecodableJwt();
      return;
    case "installation":
      if (caller.kind === "anonymous") throw authenticationRequired();
      if (caller.kind === "installation" || caller.kind === "workflow") return;
      throw forbidden(
        "You must authenticate with an installation access token in order to list repositories for an installation.",
      );
  }
}

/** A repository that the caller sees and may use so; what it does not see is 404 and no 403. */
export function permitRepository(
  state: State,
  caller: Credential,
  repository: Repository | undefined,
  permission: PermissionName,
  level: "read" | "write",
): Repository {
  if (!repository || !sees(state, caller, repository)) throw notFound();
  if (!repository.private && level === "read" && PUBLIC.has(permission)) return repository;
  const wanted = `${permission}=${level}`;
  switch (caller.kind) {
    case "anonymous":
      throw authenticationRequired();
    case "app":
      throw notForIntegration(wanted);
    case "installation":
      // What is taken from the installation is gone from the tokens it gave out before.
      if (
        !inside(state, caller, repository) ||
        !grants(caller.permissions, permission, level) ||
        !grants(caller.installation.permissions, permission, level)
      ) {
        throw notForIntegration(wanted);
      }
      return repository;
    case "workflow":
      if (caller.repository !== repository || !grants(caller.permissions, permission, level)) {
        throw notForIntegration(wanted);
      }
      return repository;
    case "fine-grained":
      if (!caller.repositories.has(repository.id) || !grants(caller.permissions, permission, level)) {
        throw notForPersonal(wanted);
      }
      return repository;
    case "classic": {
      const needed = roleFor(permission);
      const role = roleOf(repository, caller.user.login);
      if (role === undefined || RANK[role] < RANK[needed]) throw forbidden("Must have admin rights to Repository.");
      if (!hasScope(caller.scopes, repository)) throw notFound();
      return repository;
    }
  }
}

/** What everybody may read of a public repository. */
const PUBLIC: ReadonlySet<PermissionName> = new Set(["metadata", "contents", "issues", "deployments"]);

/** Whether a caller knows that the repository exists. */
export function sees(state: State, caller: Credential, repository: Repository): boolean {
  if (!repository.private) return true;
  switch (caller.kind) {
    case "anonymous":
    case "app":
      return false;
    case "installation":
      return inside(state, caller, repository);
    case "workflow":
      return caller.repository === repository;
    case "fine-grained":
      return caller.repositories.has(repository.id);
    case "classic":
      return roleOf(repository, caller.user.login) !== undefined && hasScope(caller.scopes, repository);
  }
}

/** A user's role: the owner's account administers, others as they were added. */
export function roleOf(repository: Repository, login: string): Role | undefined {
  return repository.owner.login.toLowerCase() === login.toLowerCase()
    ? "admin"
    : repository.roles.get(login.toLowerCase());
}

/** Whether permissions reach a level; every App has `metadata: read`. */
export function grants(permissions: Permissions, permission: PermissionName, level: "read" | "write"): boolean {
  const held = permissions[permission];
  if (permission === "metadata" && level === "read") return true;
  return held === "write" || held === "admin" || (held === "read" && level === "read");
}

/** The part of permissions that others reach, too. */
export function within(permissions: Permissions, limit: Permissions): Permissions {
  const kept = Object.entries(permissions).flatMap(([name, level]) => {
    const most = limit[name as PermissionName];
    if (most === undefined) return [];
    return [[name, grants(limit, name as PermissionName, level === "read" ? "read" : "write") ? level : most]];
  });
  return Object.fromEntries(kept) as Permissions;
}

const RANK: Record<Role, number> = { read: 1, write: 2, admin: 3 };

/** What a user needs to be where an App needs a permission. */
function roleFor(permission: PermissionName): Role {
  if (permission === "administration") return "admin";
  return permission === "secrets" || permission === "actions_variables" ? "write" : "read";
}

const hasScope = (scopes: string[], repository: Repository): boolean =>
  scopes.includes("repo") || (!repository.private && scopes.includes("public_repo"));

function inside(state: State, caller: Extract<Credential, { kind: "installation" }>, repository: Repository): boolean {
  const covered = state.covered(caller.installation).includes(repository);
  return covered && (caller.repositories === undefined || caller.repositories.has(repository.id));
}
