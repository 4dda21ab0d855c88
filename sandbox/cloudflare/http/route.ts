/** What a route is, and how the one for a request is found. */
import type { Token } from "../access.js";
import type { State } from "../state.js";

/** What becomes the envelope `{ result, success, errors, messages, result_info }`, or a raw body. */
export type Reply =
  | {
      readonly result: unknown;
      readonly resultInfo?: Readonly<Record<string, number>>;
      readonly messages?: readonly { readonly code: number; readonly message: string }[];
      readonly status?: number;
    }
  | { readonly raw: Buffer; readonly contentType: string; readonly headers?: Readonly<Record<string, string>> };

export interface Body {
  readonly content: Buffer;
  readonly contentType: string;
  /** The body as a JSON object; `{}` when there is none. Throws the API's refusal. */
  json(): Record<string, unknown>;
}

export interface Context {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Body;
  readonly caller: Token;
  readonly state: State;
}

export interface Route {
  readonly method: "DELETE" | "GET" | "PATCH" | "POST" | "PUT";
  /** Below `/client/v4`; `{name}` for a parameter. */
  readonly template: string;
  run(context: Context): Reply | Promise<Reply>;
}

export interface Match {
  readonly route: Route;
  readonly params: Record<string, string>;
}

/** Makes a look-up over all routes. Fixed segments win over parameters. */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => Match | undefined {
  const parameters = (segments: readonly string[]) => segments.filter((segment) => segment.startsWith("{")).length;
  const table = routes
    .map((route) => ({ route, segments: route.template.split("/") }))
    .sort((one, other) => parameters(one.segments) - parameters(other.segments));
  return (method, path) => {
    const given = path.split("/");
    for (const { route, segments } of table) {
      if (route.method !== method || segments.length !== given.length) continue;
      const params: Record<string, string> = {};
      const fits = segments.every((segment, index) => {
        const raw = given[index] ?? "";
        if (!segment.startsWith("{")) return segment === raw;
        params[segment.slice(1, -1)] = decoded(raw);
        return raw !== "";
      });
      if (fits) return { route, params };
    }
    return undefined;
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
