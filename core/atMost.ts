/** Does `work` for each item, `limit` at a time, in their order; gives the results in their order. */
export async function atMost<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  const workers = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (const [at, item] of queue) {
      results[at] = await work(item);
    }
  });
  await Promise.all(workers);
  return results;
}
