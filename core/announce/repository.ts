import { z } from "zod";

import { type Fault, FaultsError } from "../fault.js";
import { type Forbidden, GITHUB_API, githubHeaders, noCredential, refusal } from "../observe/github.js";
import { type Answer, type Get, openHttpDoor, openReportingDoor } from "../observe/http.js";

/** The repository that a run reports to, with the token of the run. */
export interface Reporting {
  /** `radieu/p24-infra` */
  readonly repository: string;
  /** Whom GitHub takes the token's holder for: only what this login wrote is ever changed. */
  readonly login: string;
  /** A GET of a path below the repository. */
  readonly read: (path: string) => Promise<Answer>;
  readonly create: (path: string, body: object) => Promise<Answer>;
  readonly change: (path: string, body: object) => Promise<Answer>;
}

const viewerSchema = z.object({ data: z.object({ viewer: z.object({ login: z.string() }) }) });

/** Shapes: GitHub REST API 2022-11-28, "List commit comments", "List issue comments", "List repository issues". */
const userSchema = z.object({ login: z.string() }).nullish();
const commentsSchema = z.array(z.object({ id: z.int(), body: z.string().nullish(), user: userSchema }));
const issuesSchema = z.array(
  z.object({ number: z.int(), title: z.string(), body: z.string().nullish(), user: userSchema }),
);

/** Opens the way to report to a repository. Throws a FaultsError when GitHub does not say who we are. */
export async function openReporting(repository: string, env: NodeJS.ProcessEnv): Promise<Reporting> {
  const where = `GitHub ${repository}`;
  const headers = githubHeaders(env);
  if (headers === undefined) {
    throw new FaultsError([noCredential(where)]);
  }
  const [get, post, patch] = await Promise.all([openHttpDoor(), openReportingDoor("POST"), openReportingDoor("PATCH")]);
  const viewer = await get(`${GITHUB_API}/graphql`, headers, { query: "{ viewer { login } }" });
  const login = viewer.ok ? viewerSchema.safeParse(viewer.body).data?.data.viewer.login : undefined;
  if (login === undefined) {
    throw new FaultsError([refusal(where, viewer)]);
  }
  const below = (send: Get) => (path: string, body?: object) =>
    send(`${GITHUB_API}/repos/${repository}/${path}`, headers, body);
  return { repository, login, read: below(get), create: below(post), change: below(patch) };
}

const COMMENT: Forbidden = {
  what: "the token may not comment",
  repair: "give the App the permissions Contents and Issues: read and write",
};
const ISSUE: Forbidden = {
  what: "the token may not write issues",
  repair: "give the App the permission Issues: read and write",
};

/** Comments at a commit, once: a comment of ours that begins with `mark` is changed instead. Throws a FaultsError. */
export async function commentAtCommit(to: Reporting, commit: string, mark: string, text: string): Promise<void> {
  await comment(to, `commits/${commit}/comments`, "comments", mark, text);
}

/** The same below an issue or a pull request. */
export async function commentAtIssue(to: Reporting, number: number, mark: string, text: string): Promise<void> {
  await comment(to, `issues/${String(number)}/comments`, "issues/comments", mark, text);
}

/** What GitHub takes as one text, in characters: more is refused with 422, "body is too long (maximum is 65536 characters)". */
const MOST_TEXT = 65_536;
const CUT = "\n\nCut off here, as GitHub takes no more. The run's page has all of it.";

/** The text, or its first lines with a word that there are more; a block of code that is cut is closed. */
export function fitting(text: string): string {
  if (text.length <= MOST_TEXT) {
    return text;
  }
  const fence = "\n```";
  const most = text.slice(0, MOST_TEXT - CUT.length - fence.length);
  const kept = most.slice(0, most.lastIndexOf("\n"));
  return `${kept}${(kept.match(/^```/gm) ?? []).length % 2 === 1 ? fence : ""}${CUT}`;
}

async function comment(to: Reporting, list: string, one: string, mark: string, text: string): Promise<void> {
  const all = await listAll(to, list, commentsSchema, COMMENT);
  const own = all.find(({ user, body }) => user?.login === to.login && body?.startsWith(mark) === true);
  const body = fitting(`${mark}\n${text}`);
  const answer =
    own === undefined ? await to.create(list, { body }) : await to.change(`${one}/${String(own.id)}`, { body });
  expect(to, answer, COMMENT);
}

/** An open issue of ours. */
export interface OwnIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
}

/** The open issue that we have opened and whose text holds `mark`; the oldest when there are several. Throws a FaultsError. */
export async function findIssue(to: Reporting, mark: string): Promise<OwnIssue | undefined> {
  const all = await listAll(to, "issues?state=open&sort=created&direction=asc", issuesSchema, ISSUE);
  const own = all.filter(({ user, body }) => user?.login === to.login && body?.includes(mark) === true);
  const [first] = own.sort((a, b) => a.number - b.number);
  return first === undefined ? undefined : { number: first.number, title: first.title, body: first.body ?? "" };
}

export async function openIssue(to: Reporting, title: string, body: string, labels: readonly string[]): Promise<void> {
  expect(to, await to.create("issues", { title, body, labels }), ISSUE);
}

export async function changeIssue(
  to: Reporting,
  number: number,
  change: { readonly title?: string; readonly body?: string; readonly state?: "closed" },
): Promise<void> {
  expect(to, await to.change(`issues/${String(number)}`, change), ISSUE);
}

/** Opens a branch's pull request; one that is open already is enough. Throws a FaultsError. */
export async function openPullRequest(to: Reporting, head: string, base: string, title: string, body: string) {
  const answer = await to.create("pulls", { title, body, head, base });
  if (!answer.ok && answer.status === 422) {
    return; // "A pull request already exists": the branch that it is about has just been pushed
  }
  const repair = "give the App the permission Pull requests: read and write";
  expect(to, answer, { what: "the token may not open a pull request", repair });
}

async function listAll<T>(
  to: Reporting,
  path: string,
  schema: z.ZodType<readonly T[]>,
  forbidden: Forbidden,
): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await to.read(`${path}${path.includes("?") ? "&" : "?"}per_page=100&page=${String(page)}`);
    const parsed = answer.ok ? schema.safeParse(answer.body).data : undefined;
    if (!answer.ok || parsed === undefined) {
      throw new FaultsError([refusal(`GitHub ${to.repository}`, answer, forbidden)]);
    }
    all.push(...parsed);
    if (!/\brel="next"/.test(answer.link ?? "")) {
      return all;
    }
  }
}

function expect(to: Reporting, answer: Answer, forbidden: Forbidden): void {
  if (!answer.ok) {
    const fault: Fault = refusal(`GitHub ${to.repository}`, answer, forbidden);
    throw new FaultsError([fault]);
  }
}
