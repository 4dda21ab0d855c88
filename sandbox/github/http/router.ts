/** Finds the route of a request. Fixed segments win over parameters, as `secrets/public-key` over `secrets/{name}`. */
import { badJson } from "./errors.js";
import type { Route } from "./route.js";

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** Makes a look-up over all routes. */
export function createRouter(routes: Route[]): (method: string, path: string) => Match | undefined {
  const table = routes
    .map((route) => ({ route, segments: route.template.split("/") }))
    .sort((one, other) => parameters(one.segments) - parameters(other.segments));

  return (method, path) => {
    const wanted = method === "HEAD" ? "get" : method.toLowerCase();
    const given = path.split("/");
    for (const { route, segments } of table) {
      if (route.method !== wanted || segments.length !== given.length) continue;
      const params: Record<string, string> = {};
      const fits = segments.every((segment, index) => {
        const raw = given[index] ?? "";
        if (!segment.startsWith("{")) return segment === raw;
        params[segment.slice(1, -1)] = decode(raw);
        return raw !== "";
      });
      if (fits) return { route, params };
    }
    return undefined;
  };
}

const parameters = (segments: string[]): number => segments.filter((segment) => segment.startsWith("{")).length;

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badJson("Bad Request");
  }
}
