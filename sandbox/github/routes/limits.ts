/** `GET /rate_limit`, which itself does not count. */
import { ok } from "../http/reply.js";
import { route } from "../http/route.js";
import type { PrimaryLimit } from "../limits/primary.js";

/** The path that the primary limit leaves out. */
export const UNCOUNTED = "/rate_limit";

export const limitRoutes = (primary: PrimaryLimit) => [
  route("get", "/rate_limit", { kind: "anyone" }, ({ caller }) => {
    const core = primary.view(caller);
    const search = { ...core, limit: 30, used: 0, remaining: 30 };
    return ok({ resources: { core, search, graphql: { ...core, used: 0 } }, rate: core });
  }),
];
