/** Whether a token works. Shape: `TokenVerifyResponse` of npm `cloudflare` 7.3.0, resources/user/tokens. */
import type { TokenVerifyResponse } from "cloudflare/resources/user/tokens/tokens";

import { authenticationError } from "../http/errors.js";
import type { Context, Reply, Route } from "../http/route.js";

function verify({ caller }: Context): Reply {
  const result: TokenVerifyResponse = { id: caller.id, status: caller.status };
  return { result, messages: [{ code: 10000, message: "This API Token is valid and active" }] };
}

export const tokenRoutes: readonly Route[] = [
  { method: "GET", template: "/user/tokens/verify", run: verify },
  {
    method: "GET",
    template: "/accounts/{account}/tokens/verify",
    run: (context) => {
      if (context.params["account"] !== context.state.accountId) throw authenticationError();
      return verify(context);
    },
  },
];
