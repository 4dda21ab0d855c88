/** The emulated GitHub: one object that answers requests and lets tests look behind and interfere. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Credentials } from "./access/credentials.js";
import * as behind from "./behind.js";
import { dispatch, type Parts, type Unhandled } from "./dispatch.js";
import { secondaryLimited } from "./http/errors.js";
import { createRouter } from "./http/router.js";
import * as issue from "./issue-credentials.js";
import { Faults, type Fault, type InjectedFault } from "../api/faults.js";
import { PrimaryLimit } from "./limits/primary.js";
import { SecondaryCounter, type SecondaryLimit } from "./limits/secondary.js";
import { RequestLog, type LoggedRequest } from "../api/log.js";
import { permitRepository, within } from "./access/permit.js";
import { accountRoutes } from "./routes/accounts.js";
import { appRoutes } from "./routes/apps.js";
import { commitCommentRoutes } from "./routes/commit-comments.js";
import { deploymentRoutes } from "./routes/deployments.js";
import { installationRoutes } from "./routes/installations.js";
import { issueRoutes } from "./routes/issues.js";
import { pullRoutes } from "./routes/pulls.js";
import { limitRoutes } from "./routes/limits.js";
import { listRoutes } from "./routes/lists.js";
import { repositoryRoutes } from "./routes/repositories.js";
import { secretRoutes } from "./routes/secrets.js";
import { variableRoutes } from "./routes/variables.js";
import * as seed from "./seed.js";
import { State } from "./state/state.js";
import type { Installation, PermissionName, Permissions, PullBranches, Writes } from "./state/types.js";

export interface GitHubOptions {
  /** The clock; the real one unless told. Times in answers are cut to the second, as GitHub's are. */
  now?: () => Date;
  /** The secondary limit on writes; off unless told. */
  secondaryLimit?: SecondaryLimit;
}

/** Makes an empty GitHub. */
export function createGitHub(options: GitHubOptions = {}): GitHubWorld {
  return new GitHubWorld(options);
}

export class GitHubWorld {
  /** Requests that nothing here answers. A test should end with none. */
  readonly unhandled: Unhandled[] = [];
  private readonly parts: Parts;

  constructor(options: GitHubOptions) {
    const clock = options.now ?? ((): Date => new Date());
    const state = new State(clock);
    const credentials = new Credentials(state);
    const primary = new PrimaryLimit(() => state.milliseconds());
    const secondary = new SecondaryCounter(() => state.milliseconds());
    secondary.limit = options.secondaryLimit;
    const router = createRouter([
      ...secretRoutes,
      ...variableRoutes,
      ...repositoryRoutes,
      ...accountRoutes,
      ...appRoutes(credentials),
      ...installationRoutes,
      ...deploymentRoutes,
      ...issueRoutes,
      ...commitCommentRoutes,
      ...pullRoutes,
      ...limitRoutes(primary),
      ...listRoutes,
    ]);
    const { unhandled } = this;
    this.parts = {
      state,
      credentials,
      primary,
      secondary,
      router,
      unhandled,
      clock,
      faults: new Faults(),
      log: new RequestLog(),
    };
  }

  /** Answers a request for api.github.com. Mount it as it is. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    dispatch(this.parts, request, response);

  describe(): string {
    return "GitHub API: stand-in (emulated on loopback)";
  }

  // What stands there.

  addRepository(one: seed.RepositorySeed): seed.RepositoryInfo {
    return seed.addRepository(this.parts.state, one);
  }
  /** Numbers and name of a repository that is there. */
  repositoryOf(owner: string, name: string): seed.RepositoryInfo {
    const found = seed.required(this.parts.state, owner, name);
    return { id: found.id, ownerId: found.owner.id, fullName: `${found.owner.login}/${found.name}` };
  }
  /** The old name redirects from now on. */
  renameRepository(owner: string, name: string, to: string): void {
    const found = seed.required(this.parts.state, owner, name);
    found.formerNames.push(found.name);
    found.name = to;
  }
  addApp(one: seed.AppSeed): seed.AppInfo {
    return seed.addApp(this.parts.state, one);
  }
  /** Changes what an App asks for. What is taken away is gone at once; what is added, an installation must accept. */
  changeApp(slug: string, permissions: Permissions): void {
    const { apps, installations } = this.parts.state;
    const app = apps.find((one) => one.slug === slug);
    if (!app) throw new Error(`no such App: ${slug}`);
    app.permissions = permissions;
    for (const one of installations.filter((each) => each.app === app)) {
      one.permissions = within(one.permissions, permissions);
    }
  }
  installApp(one: seed.InstallationSeed): { id: number } {
    return { id: seed.installApp(this.parts.state, one).id };
  }
  /** Changes what an installation covers or may do; `suspended` makes its tokens worthless. */
  changeInstallation(
    id: number,
    change: { repositories?: "all" | string[]; permissions?: Permissions; suspended?: boolean },
  ): void {
    const one = this.installation(id);
    const { state } = this.parts;
    if (change.repositories) {
      one.selection = change.repositories === "all" ? "all" : "selected";
      const names = change.repositories === "all" ? [] : change.repositories;
      one.repositories = new Set(names.map((name) => seed.required(state, one.account.login, name).id));
    }
    if (change.permissions) one.permissions = change.permissions;
    if (change.suspended !== undefined) one.suspended = change.suspended;
  }
  /** Forgets the deployments of a repository. */
  clearDeployments(owner: string, repo: string): void {
    seed.required(this.parts.state, owner, repo).deployments.length = 0;
  }
  addDeployment(owner: string, repo: string, one: seed.DeploymentSeed = {}): { id: number } {
    return seed.addDeployment(this.parts.state, owner, repo, one);
  }

  // Credentials.

  issueClassic(login: string, scopes?: string[]): issue.Credential {
    return issue.issueClassic(this.parts.state, this.parts.credentials, login, scopes);
  }
  issueFineGrained(asked: Parameters<typeof issue.issueFineGrained>[2]): issue.Credential {
    return issue.issueFineGrained(this.parts.state, this.parts.credentials, asked);
  }
  issueInstallation(id: number, narrowed?: Parameters<typeof issue.issueInstallation>[3]): issue.Credential {
    return issue.issueInstallation(this.parts.state, this.parts.credentials, this.installation(id), narrowed);
  }
  issueWorkflow(
    owner: string,
    repo: string,
    permissions?: Parameters<typeof issue.issueWorkflow>[4],
  ): issue.Credential {
    return issue.issueWorkflow(this.parts.state, this.parts.credentials, owner, repo, permissions);
  }
  /** Whether a credential reaches a permission in a repository, for what stands beside the API: git over HTTP. */
  may(value: string, owner: string, repo: string, permission: PermissionName, level: "read" | "write"): boolean {
    const { state, credentials } = this.parts;
    const caller = credentials.find(value);
    try {
      return (
        caller !== undefined && !!permitRepository(state, caller, state.repository(owner, repo), permission, level)
      );
    } catch {
      return false;
    }
  }
  /** From now on 401. */
  revoke(value: string): void {
    this.parts.credentials.revoke(value);
  }

  // Secrets, looked at and changed behind the program's back.

  secretsOf(owner: string, repo: string): behind.OpenedSecret[] {
    return behind.secretsOf(this.parts.state, owner, repo);
  }
  setSecret(owner: string, repo: string, name: string, value: string, at?: Date): void {
    behind.setSecret(this.parts.state, owner, repo, name, value, at);
  }
  addSecret(owner: string, repo: string, name: string, value: string, at?: Date): void {
    behind.addSecret(this.parts.state, owner, repo, name, value, at);
  }
  deleteSecret(owner: string, repo: string, name: string): void {
    behind.deleteSecret(this.parts.state, owner, repo, name);
  }
  addSecretElsewhere(owner: string, repo: string, where: behind.Elsewhere, name: string): void {
    behind.addElsewhere(this.parts.state, owner, repo, where, name);
  }
  deleteSecretElsewhere(owner: string, repo: string, where: behind.Elsewhere, name: string): void {
    behind.deleteElsewhere(this.parts.state, owner, repo, where, name);
  }
  /** A workflow file of the default branch; without a text it is deleted. */
  setWorkflow(owner: string, repo: string, name: string, text?: string): void {
    behind.setWorkflow(this.parts.state, owner, repo, name, text);
  }
  rotateSealingPair(owner: string, repo: string): string {
    return behind.rotateSealingPair(this.parts.state, owner, repo);
  }
  /** How often the API wrote each secret since the repository was added. */
  writesOf(owner: string, repo: string): Record<string, Writes> {
    return structuredClone(Object.fromEntries(seed.required(this.parts.state, owner, repo).writes));
  }

  // Issues and comments, as a reader sees them.

  issuesOf(owner: string, repo: string): behind.ShownIssue[] {
    return behind.issuesOf(this.parts.state, owner, repo);
  }
  commitCommentsOf(owner: string, repo: string): behind.ShownComment[] {
    return behind.commitCommentsOf(this.parts.state, owner, repo);
  }
  /** Somebody proposes a branch. */
  addPull(owner: string, repo: string, by: string, title: string, pull: PullBranches): { number: number } {
    const { state } = this.parts;
    const user = state.ensureAccount(by, "User");
    return { number: behind.openPull(state, seed.required(state, owner, repo), user, title, null, pull).number };
  }
  addComment(owner: string, repo: string, number: number, by: string, body: string): void {
    behind.addComment(this.parts.state, owner, repo, number, by, body);
  }

  // What was asked, and what goes wrong.

  get requests(): readonly LoggedRequest[] {
    return this.parts.log.entries;
  }
  clearRequests(): void {
    this.parts.log.clear();
  }
  /** Called after every request; returns what ends it. */
  onRequest(listener: (entry: LoggedRequest) => void): () => void {
    return this.parts.log.listen(listener);
  }
  inject(fault: Fault): InjectedFault {
    return this.parts.faults.inject(fault);
  }
  /** Makes the next requests (any, unless a method or a path is given) meet the secondary limit, in GitHub's words. */
  injectSecondaryLimit(
    fault: Pick<Fault, "method" | "times" | "retryAfter"> & { path?: Fault["path"]; status?: 403 | 429 } = {},
  ): InjectedFault {
    const { status, body } = secondaryLimited(fault.status ?? 403, undefined);
    return this.inject({ retryAfter: 60, path: "**", ...fault, status, body });
  }
  clearFaults(): void {
    this.parts.faults.clear();
  }
  /** Counts writes against a secondary limit from now on; `undefined` turns it off. */
  setSecondaryLimit(limit: SecondaryLimit | undefined): void {
    this.parts.secondary.limit = limit;
  }
  /** Sets how many requests of the hour a caller (named as in `requests`) has left. */
  setRemaining(caller: string, remaining: number): void {
    this.parts.primary.setRemaining(caller, remaining);
  }

  private installation(id: number): Installation {
    const found = this.parts.state.installations.find((one) => one.id === id);
    if (!found) throw new Error(`no such installation: ${id}`);
    return found;
  }
}
