/** Repositories themselves, and the push protection among their settings. */
import { roleOf } from "../access/permit.js";
import { type Credential } from "../access/credentials.js";
import { invalid } from "../http/errors.js";
import { ok } from "../http/reply.js";
import { repositoryRoute } from "../http/route.js";
import { fullRepository } from "../shapes/repository.js";
import type { Repository, Role } from "../state/types.js";

/** The role that an answer shows the caller. */
function shownRole(caller: Credential, repository: Repository): Role | undefined {
  switch (caller.kind) {
    case "classic":
    case "fine-grained":
      return roleOf(repository, caller.user.login);
    case "installation":
    case "workflow":
      return caller.permissions.administration ? "admin" : "read";
    default:
      return undefined;
  }
}

const get = repositoryRoute("get", "/repos/{owner}/{repo}", "metadata", "read", ({ repository, caller, api }) =>
  ok(fullRepository(api, repository, shownRole(caller, repository))),
);

const update = repositoryRoute(
  "patch",
  "/repos/{owner}/{repo}",
  "administration",
  "write",
  ({ repository, body, caller, api }) => {
    const wanted = body.security_and_analysis;
    if (typeof wanted === "object" && wanted !== null) {
      if (repository.secretScanning === "unavailable") {
        throw invalid("Secret scanning is not available for this repository.");
      }
      const status = (feature: string): "enabled" | "disabled" | undefined => {
        const given = (wanted as Record<string, { status?: unknown } | undefined>)[feature]?.status;
        if (given !== undefined && given !== "enabled" && given !== "disabled") {
          throw invalid(`Invalid request.\n\n${feature} is not a valid status.`);
        }
        return given;
      };
      repository.secretScanning = status("secret_scanning") ?? repository.secretScanning;
      repository.pushProtection = status("secret_scanning_push_protection") ?? repository.pushProtection;
    }
    if (typeof body.description === "string") repository.description = body.description;
    return ok(fullRepository(api, repository, shownRole(caller, repository)));
  },
);

export const repositoryRoutes = [get, update];
