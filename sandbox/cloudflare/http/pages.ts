/** Lists in pages, as `V4PagePaginationArray` of npm `cloudflare` 7.3.0 (core/pagination) reads them. */
import type { Reply } from "./route.js";

export function paged(all: readonly unknown[], query: URLSearchParams, usual: number, most: number): Reply {
  const page = Math.max(1, wholeNumber(query.get("page")) ?? 1);
  const perPage = Math.min(most, Math.max(1, wholeNumber(query.get("per_page")) ?? usual));
  const result = all.slice((page - 1) * perPage, page * perPage);
  return {
    result,
    resultInfo: {
      page,
      per_page: perPage,
      count: result.length,
      total_count: all.length,
      total_pages: Math.max(1, Math.ceil(all.length / perPage)),
    },
  };
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
