/** Which part of the API a request is for, whatever base it came through. */
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import type { State } from "./state/state.js";

export interface Location {
  /** Without host, base and query; `/repositories/ID/...` turned into `/repos/OWNER/NAME/...`. */
  path: string;
  query: URLSearchParams;
  /** Where the API is: `https://api.github.com`, or `http://HOST/api/v3` for a base URL of its own. */
  api: string;
  /** The path as GitHub writes it into links to further pages: by the repository's number. */
  canonical: string;
}

export function locate(request: IncomingMessage, state: State): Location {
  const [raw, query] = split(request.url ?? "/");
  const scheme = request.socket instanceof TLSSocket ? "https" : "http";
  const origin = `${scheme}://${request.headers.host ?? "api.github.com"}`;
  const based = /^\/api\/v3(?=\/|$)/.test(raw);
  let path = based ? raw.slice("/api/v3".length) || "/" : raw === "/api/graphql" ? "/graphql" : raw;

  const numbered = /^\/repositories\/([0-9]{1,15})(\/.*)?$/.exec(path);
  const byNumber = numbered ? state.repositoryById(Number(numbered[1])) : undefined;
  if (byNumber) path = `/repos/${byNumber.owner.login}/${byNumber.name}${numbered?.[2] ?? ""}`;

  const named = /^\/repos\/([^/]+)\/([^/]+)(\/.*)?$/.exec(path);
  const one = named ? state.repository(named[1] ?? "", named[2] ?? "") : undefined;
  return {
    path,
    query: new URLSearchParams(query),
    api: based ? `${origin}/api/v3` : origin,
    canonical: one ? `/repositories/${one.id}${named?.[3] ?? ""}` : path,
  };
}

function split(url: string): [string, string] {
  const mark = url.indexOf("?");
  return mark < 0 ? [url, ""] : [url.slice(0, mark), url.slice(mark + 1)];
}
