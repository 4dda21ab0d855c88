/** GitHub's API as far as the program, its providers and its CLI use it. A stand-in, and it says so. */
export { createGitHub, GitHubWorld, type GitHubOptions } from "./world.js";
export type { OpenedSecret } from "./behind.js";
export type { Unhandled } from "./dispatch.js";
export type { Credential } from "./issue-credentials.js";
export type { Fault, InjectedFault } from "../api/faults.js";
export { DOCUMENTED as DOCUMENTED_SECONDARY_LIMIT, type SecondaryLimit } from "./limits/secondary.js";
export type { LoggedRequest } from "../api/log.js";
export type { AppInfo, AppSeed, DeploymentSeed, InstallationSeed, RepositoryInfo, RepositorySeed } from "./seed.js";
export type { Permissions, Role, Writes } from "./state/types.js";
