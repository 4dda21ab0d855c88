/** Users, bots and organizations. */
import { nodeId } from "../state/ids.js";
import { stamp } from "../state/time.js";
import type { Account, Schema } from "../state/types.js";

const WEB = "https://github.com";

const page = (account: Account): string =>
  account.type === "Bot" ? `${WEB}/apps/${account.login.replace(/\[bot\]$/, "")}` : `${WEB}/${account.login}`;

/** An account as it stands inside other answers. */
export function simpleUser(api: string, account: Account): Schema<"simple-user"> {
  const url = `${api}/users/${encodeURIComponent(account.login)}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type === "Organization" ? "O" : account.type === "Bot" ? "BOT" : "U", account.id),
    avatar_url: `https://avatars.githubusercontent.com/u/${account.id}?v=4`,
    gravatar_id: "",
    url,
    html_url: page(account),
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: "public",
    site_admin: false,
  };
}

/** An account as `GET /users/{username}` shows it. */
export function publicUser(api: string, account: Account, publicRepositories: number): Schema<"public-user"> {
  return {
    ...simpleUser(api, account),
    name: account.login,
    company: null,
    blog: null,
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: publicRepositories,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: stamp(account.createdAt),
    updated_at: stamp(account.createdAt),
  };
}

/** The caller as `GET /user` shows it to itself. */
export function privateUser(
  api: string,
  account: Account,
  repositories: { public: number; private: number },
): Schema<"private-user"> {
  return {
    ...publicUser(api, account, repositories.public),
    private_gists: 0,
    total_private_repos: repositories.private,
    owned_private_repos: repositories.private,
    disk_usage: 0,
    collaborators: 0,
    two_factor_authentication: true,
  };
}

/** An organization as `GET /orgs/{org}` shows it. */
export function organization(api: string, account: Account, publicRepositories: number): Schema<"organization-full"> {
  const url = `${api}/orgs/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId("O", account.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `https://avatars.githubusercontent.com/u/${account.id}?v=4`,
    description: null,
    name: account.login,
    is_verified: false,
    has_organization_projects: true,
    has_repository_projects: true,
    public_repos: publicRepositories,
    public_gists: 0,
    followers: 0,
    following: 0,
    html_url: `${WEB}/${account.login}`,
    type: "Organization",
    created_at: stamp(account.createdAt),
    updated_at: stamp(account.createdAt),
    archived_at: null,
  };
}
