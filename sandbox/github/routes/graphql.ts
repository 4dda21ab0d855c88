/** The one GraphQL query that is emulated: who is calling (`{ viewer { login } }`). */
import { actor, type Credential } from "../access/credentials.js";
import { nodeId } from "../state/ids.js";
import type { Reply } from "../http/route.js";
import { ApiError } from "../http/errors.js";
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

/** What a query gets that is not emulated. */
export const notEmulated: Reply = {
  status: 200,
  json: { errors: [{ type: "NOT_EMULATED", message: "This stand-in answers { viewer { login } } only." }] },
};
