import { createGitHub, type GitHubOptions, type GitHubWorld } from "../github/index.js";

export const OWNER = "radieu";
export const REPOSITORIES = ["p24-infra", "et-operational-platform"] as const;

/** The team's account at the emulated GitHub, and the App's installation token that the sync works with. */
export function createTeamGitHub(
  repositories: readonly string[],
  options: GitHubOptions,
): { github: GitHubWorld; credential: string } {
  const github = createGitHub(options);
  for (const name of new Set([...REPOSITORIES, ...repositories])) {
    github.addRepository({ owner: OWNER, name, private: true, ownerType: "User" });
  }
  const app = github.addApp({
    slug: "p24-infra-bot",
    owner: OWNER,
    permissions: {
      actions: "read",
      contents: "write",
      issues: "write",
      metadata: "read",
      pull_requests: "write",
      secrets: "write",
    },
  });
  const installation = github.installApp({ app: app.slug, owner: OWNER, repositories: "all" });
  return { github, credential: github.issueInstallation(installation.id).value };
}
