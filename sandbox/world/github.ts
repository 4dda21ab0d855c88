import { createGitHub, type GitHubOptions, type GitHubWorld } from "../github/index.js";

export const OWNER = "radieu";
export const REPOSITORIES = ["p24-infra", "et-operational-platform"] as const;

/** What the team's App may do: the settings' `github.app`, and what the emulated App asks for. */
export const APP = {
  slug: "p24-infra-bot",
  permissions: {
    actions: "read",
    contents: "write",
    // For the Vercel check: who deploys a repository (docs/decisions/0007-vercel-without-its-provider.md).
    deployments: "read",
    issues: "write",
    metadata: "read",
    pull_requests: "write",
    secrets: "write",
  },
} as const;

/** The team's account at the emulated GitHub, and the App's installation token that the sync works with. */
export function createTeamGitHub(
  repositories: readonly string[],
  options: GitHubOptions,
): { github: GitHubWorld; installation: number; credential: string } {
  const github = createGitHub(options);
  for (const name of new Set([...REPOSITORIES, ...repositories])) {
    github.addRepository({ owner: OWNER, name, private: true, ownerType: "User" });
  }
  github.addDeployment(OWNER, "et-operational-platform");
  github.addApp({ ...APP, owner: OWNER });
  const { id } = github.installApp({ app: APP.slug, owner: OWNER, repositories: [...repositories] });
  return { github, installation: id, credential: github.issueInstallation(id).value };
}
