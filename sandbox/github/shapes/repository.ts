/** Repositories. */
import { nodeId } from "../state/ids.js";
import { stamp } from "../state/time.js";
import type { Repository, Role, Schema } from "../state/types.js";
import { simpleUser } from "./account.js";

type Rights = NonNullable<Schema<"full-repository">["permissions"]>;

/** What a role may do, as answers show it. */
export function rights(role: Role | undefined): Rights {
  return {
    admin: role === "admin",
    maintain: role === "admin",
    push: role === "admin" || role === "write",
    triage: role === "admin" || role === "write",
    pull: role !== undefined,
  };
}

/** The addresses below a repository; `{...}` are templates that GitHub sends as such. */
function links(url: string) {
  return {
    archive_url: `${url}/{archive_format}{/ref}`,
    assignees_url: `${url}/assignees{/user}`,
    blobs_url: `${url}/git/blobs{/sha}`,
    branches_url: `${url}/branches{/branch}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    comments_url: `${url}/comments{/number}`,
    commits_url: `${url}/commits{/sha}`,
    compare_url: `${url}/compare/{base}...{head}`,
    contents_url: `${url}/contents/{+path}`,
    contributors_url: `${url}/contributors`,
    deployments_url: `${url}/deployments`,
    downloads_url: `${url}/downloads`,
    events_url: `${url}/events`,
    forks_url: `${url}/forks`,
    git_commits_url: `${url}/git/commits{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    hooks_url: `${url}/hooks`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    issue_events_url: `${url}/issues/events{/number}`,
    issues_url: `${url}/issues{/number}`,
    keys_url: `${url}/keys{/key_id}`,
    labels_url: `${url}/labels{/name}`,
    languages_url: `${url}/languages`,
    merges_url: `${url}/merges`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    pulls_url: `${url}/pulls{/number}`,
    releases_url: `${url}/releases{/id}`,
    stargazers_url: `${url}/stargazers`,
    statuses_url: `${url}/statuses/{sha}`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    tags_url: `${url}/tags`,
    teams_url: `${url}/teams`,
    trees_url: `${url}/git/trees{/sha}`,
  };
}

/** A repository as it stands in lists. */
export function repository(api: string, one: Repository, role?: Role): Schema<"repository"> {
  const full = `${one.owner.login}/${one.name}`;
  const url = `${api}/repos/${full}`;
  const web = `https://github.com/${full}`;
  const open = one.issues.filter((issue) => issue.state === "open").length;
  return {
    id: one.id,
    node_id: nodeId("R", one.id),
    name: one.name,
    full_name: full,
    owner: simpleUser(api, one.owner),
    private: one.private,
    visibility: one.private ? "private" : "public",
    html_url: web,
    url,
    ...links(url),
    clone_url: `${web}.git`,
    git_url: `git://github.com/${full}.git`,
    ssh_url: `git@github.com:${full}.git`,
    svn_url: web,
    mirror_url: null,
    homepage: null,
    description: one.description,
    fork: false,
    license: null,
    language: null,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: 0,
    default_branch: one.defaultBranch,
    open_issues: open,
    open_issues_count: open,
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: true,
    has_wiki: true,
    has_pages: false,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated, and still in every answer of GitHub
    has_downloads: true,
    has_discussions: false,
    archived: false,
    disabled: false,
    allow_forking: true,
    web_commit_signoff_required: false,
    pushed_at: stamp(one.createdAt),
    created_at: stamp(one.createdAt),
    updated_at: stamp(one.createdAt),
    ...(role ? { permissions: rights(role) } : {}),
  };
}

/** A repository as `GET /repos/{owner}/{repo}` shows it. `security_and_analysis` is for administrators only. */
export function fullRepository(api: string, one: Repository, role?: Role): Schema<"full-repository"> {
  return {
    ...repository(api, one, role),
    has_discussions: false,
    pushed_at: stamp(one.createdAt),
    created_at: stamp(one.createdAt),
    updated_at: stamp(one.createdAt),
    temp_clone_token: null,
    subscribers_count: 0,
    network_count: 0,
    ...(one.owner.type === "Organization" ? { organization: simpleUser(api, one.owner) } : {}),
    ...(role === "admin" && one.secretScanning !== "unavailable"
      ? {
          security_and_analysis: {
            secret_scanning: { status: one.secretScanning },
            secret_scanning_push_protection: { status: one.pushProtection },
          },
        }
      : {}),
  };
}
