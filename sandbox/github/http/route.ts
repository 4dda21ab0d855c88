/**
 * Routes held to GitHub's published description: method and path must exist in it, and what a handler returns must be
 * one of the answers described there (status and body). A wrong shape does not compile.
 */
import type { paths } from "@octokit/openapi-types";
import type { Credential } from "../access/credentials.js";
import type { State } from "../state/state.js";
import type { PermissionName, Repository } from "../state/types.js";

export type Method = "get" | "put" | "post" | "patch" | "delete";

type Body<Answer> = Answer extends { content: infer Content }
  ? [Content] extends [never]
    ? undefined
    : Content extends { "application/json": infer Json }
      ? Json
      : undefined
  : undefined;

/** Every answer that an operation describes: status, body (absent for 204), extra headers. */
export type ReplyOf<Operation> = Operation extends { responses: infer Responses }
  ? {
      [Status in keyof Responses & number]: {
        status: Status;
        headers?: Record<string, string>;
      } & (Body<Responses[Status]> extends undefined ? { json?: undefined } : { json: Body<Responses[Status]> });
    }[keyof Responses & number]
  : never;

type ParameterNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterNames<Rest>
  : never;

/** Who may call. A repository's routes also say which permission an App's token needs, and at which level. */
export type Access =
  | { kind: "anyone" }
  /** Users and their tokens; no App. */
  | { kind: "user" }
  /** A classic personal token and nothing else. */
  | { kind: "classic" }
  /** The App itself, by its JSON web token. */
  | { kind: "app" }
  /** A token of an installation. */
  | { kind: "installation" }
  | { kind: "repository"; permission: PermissionName; level: "read" | "write" };

/** What a handler gets. */
export interface Context<Names extends string = string> {
  params: Record<Names, string>;
  query: URLSearchParams;
  body: Record<string, unknown>;
  caller: Credential;
  state: State;
  /** Where the API is, for links in answers: `https://api.github.com` or `http://127.0.0.1:PORT/api/v3`. */
  api: string;
  /** The path for links to other pages of this list. */
  path: string;
}

type Awaitable<T> = T | Promise<T>;

/** An answer after its types were checked. */
export interface Reply {
  status: number;
  json?: unknown;
  headers?: Record<string, string>;
}

export interface Route {
  method: Method;
  /** Path template of the description, `{name}` for a parameter. */
  template: string;
  access: Access;
  run(context: Context & { repository?: Repository }): Awaitable<Reply>;
}

/** A route of the description. */
export function route<M extends Method, P extends keyof paths>(
  method: M,
  template: P,
  access: Exclude<Access, { kind: "repository" }>,
  run: (context: Context<ParameterNames<P>>) => Awaitable<ReplyOf<paths[P] extends Record<M, infer O> ? O : never>>,
): Route {
  return { method, template, access, run: run };
}

/** A route below `/repos/{owner}/{repo}`: the handler gets the repository, which the caller may see and use so. */
export function repositoryRoute<M extends Method, P extends keyof paths & `/repos/{owner}/{repo}${string}`>(
  method: M,
  template: P,
  permission: PermissionName,
  level: "read" | "write",
  run: (
    context: Context<ParameterNames<P>> & { repository: Repository },
  ) => Awaitable<ReplyOf<paths[P] extends Record<M, infer O> ? O : never>>,
): Route {
  return { method, template, access: { kind: "repository", permission, level }, run: run };
}
