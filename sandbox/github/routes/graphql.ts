/** The two GraphQL queries that are emulated: who is calling (`{ viewer { login } }`), and a repository's workflow files. */
import { actor, type Credential } from "../access/credentials.js";
import { permitRepository } from "../access/permit.js";
import { nodeId } from "../state/ids.js";
import type { Reply } from "../http/route.js";
import { ApiError } from "../http/errors.js";
import type { State } from "../state/state.js";
import type { Account } from "../state/types.js";

const FIELDS: Record<string, (viewer: Account) => unknown> = {
  login: (viewer) => viewer.login,
  databaseId: (viewer) => viewer.id,
  id: (viewer) => nodeId(viewer.type === "Bot" ? "BOT" : "U", viewer.id),
  __typename: () => "User",
};

/** The fields of `viewer` that a query selects, or undefined for any other query. */
export function viewerFields(query: unknown): string[] | undefined {
  if (typeof query !== "string") return undefined;
  const bare = query.replace(/#.*$/gm, "").replace(/[\s,]+/g, " ");
  const match = /^ ?(?:query(?: \w+)? ?)?\{ ?viewer ?\{ ?([\w ]+?) ?\} ?\} ?$/.exec(bare);
  const fields = match?.[1]?.split(" ");
  return fields?.every((field) => field in FIELDS) ? fields : undefined;
}

/** Answers a query that `viewerFields` understood. */
export function answerViewer(caller: Credential, fields: string[]): Reply {
  const viewer = actor(caller);
  if (!viewer) {
    throw new ApiError(401, {
      message: "This endpoint requires you to be authenticated.",
      documentation_url:
        "https://docs.github.com/graphql/guides/forming-calls-with-graphql#authenticating-with-graphql",
    });
  }
  return {
    status: 200,
    json: { data: { viewer: Object.fromEntries(fields.map((name) => [name, FIELDS[name]?.(viewer)])) } },
  };
}

const WORKFLOWS =
  /^query\(\$owner: String! \$name: String!\) \{ repository\(owner: \$owner name: \$name\) \{ object\(expression: "HEAD:\.github\/workflows"\) \{ \.\.\. on Tree \{ entries \{ name object \{ \.\.\. on Blob \{ text \} \} \} \} \} \} \}$/;

/** Whether a query asks for a repository's workflow files, by its variables `owner` and `name`. */
export function asksForWorkflows(query: unknown): boolean {
  return typeof query === "string" && WORKFLOWS.test(query.replace(/[\s,]+/g, " ").trim());
}

/** Answers it. GraphQL refuses in an answer of 200, with the type of the error. */
export function answerWorkflows(state: State, caller: Credential, variables: unknown): Reply {
  const { owner, name } = (variables ?? {}) as { owner?: unknown; name?: unknown };
  try {
    const found = state.repository(String(owner), String(name));
    const { workflows } = permitRepository(state, caller, found, "contents", "read");
    const entries = [...workflows].map(([file, text]) => ({ name: file, object: { text } }));
    return { status: 200, json: { data: { repository: { object: entries.length > 0 ? { entries } : null } } } };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const refused = {
      type: error.status === 404 ? "NOT_FOUND" : "FORBIDDEN",
      path: ["repository"],
      message: error.message,
    };
    return { status: 200, json: { data: { repository: null }, errors: [refused] } };
  }
}

/** What a query gets that is not emulated. */
export const notEmulated: Reply = {
  status: 200,
  json: { errors: [{ type: "NOT_EMULATED", message: "This stand-in answers the viewer and workflow files only." }] },
};
