/** Answers with their status as a literal type, so that a route's types can hold them to the description. */

type Headers = Record<string, string>;

/** 200 with a body. */
export const ok = <Json>(json: Json, headers: Headers = {}): { status: 200; json: Json; headers: Headers } => ({
  status: 200,
  json,
  headers,
});

/** 201 with a body. */
export const created = <Json>(json: Json, headers: Headers = {}): { status: 201; json: Json; headers: Headers } => ({
  status: 201,
  json,
  headers,
});

/** The empty object that GitHub sends where there is nothing to say. */
export const EMPTY: Record<string, never> = {};

/** 204. */
export const noContent = (): { status: 204 } => ({ status: 204 });
