/** A project as the API shows it: every field that @vercel/sdk (1.28.35, `GetProjectResponseBody`) requires, and its link. */
import type { GetProjectResponseBody } from "@vercel/sdk/models/getprojectresponsebody.js";

/** A deploy hook. Its address is a secret: who knows it deploys. */
export interface Hook {
  readonly id: string;
  readonly name: string;
  readonly ref: string;
  readonly url: string;
}

/** An environment variable. The API shows the value of a `plain` one to everybody who may list it. */
export interface Variable {
  readonly key: string;
  readonly type: "plain" | "encrypted" | "sensitive";
  readonly value: string;
  readonly target: readonly string[];
}

/** What a project of the emulated Vercel is. */
export interface Project {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** Repository at GitHub, `owner/name`; `undefined` when it is connected to none. */
  repository: string | undefined;
  readonly hooks: Hook[];
  readonly variables: Variable[];
  createDeployments: "enabled" | "disabled";
}

type Answer = Pick<
  GetProjectResponseBody,
  | "accountId"
  | "alias"
  | "createdAt"
  | "defaultResourceConfig"
  | "deploymentExpiration"
  | "directoryListing"
  | "gitProviderOptions"
  | "id"
  | "link"
  | "name"
  | "nodeVersion"
  | "resourceConfig"
  | "updatedAt"
>;

export function projectShape(project: Project, accountId: string): Answer {
  const [org = "", repo = ""] = project.repository?.split("/") ?? [];
  const resources = { functionDefaultRegions: ["iad1"] };
  return {
    accountId,
    alias: [],
    createdAt: project.createdAt,
    defaultResourceConfig: resources,
    deploymentExpiration: {},
    directoryListing: false,
    gitProviderOptions: { createDeployments: project.createDeployments },
    id: project.id,
    ...(project.repository === undefined
      ? {}
      : {
          link: {
            type: "github",
            org,
            repo,
            repoId: 1,
            gitCredentialId: "cred_emulated",
            productionBranch: "main",
            deployHooks: project.hooks.map((hook) => ({ ...hook })),
          },
        }),
    name: project.name,
    nodeVersion: "22.x",
    resourceConfig: resources,
    updatedAt: project.createdAt,
  };
}
