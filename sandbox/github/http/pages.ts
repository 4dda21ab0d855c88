/** Lists in pages: `per_page`, `page` and the Link header (RFC 8288). */
import type { Context } from "./route.js";

export interface Page<Item> {
  items: Item[];
  headers: Record<string, string>;
}

/** Cuts one page out of a list. Numbers out of range are brought into it, as GitHub does. */
export function paginate<Item>(
  context: Pick<Context, "query" | "api" | "path">,
  all: Item[],
  limits: { usual: number; most: number } = { usual: 30, most: 100 },
): Page<Item> {
  const size = Math.min(positive(context.query.get("per_page")) ?? limits.usual, limits.most);
  const page = positive(context.query.get("page")) ?? 1;
  const last = Math.max(1, Math.ceil(all.length / size));
  const link = (number: number, rel: string): string => {
    const query = new URLSearchParams(context.query);
    query.set("page", String(number));
    return `<${context.api}${context.path}?${query.toString()}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(Math.min(page - 1, last), "prev")] : []),
    ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
    ...(page > 1 ? [link(1, "first")] : []),
  ];
  return {
    items: all.slice((page - 1) * size, page * size),
    headers: links.length > 0 ? { link: links.join(", ") } : {},
  };
}

function positive(text: string | null): number | undefined {
  return text !== null && /^[0-9]{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}
