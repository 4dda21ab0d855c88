/**
 * GitHub's second of a write in one form. The API writes `2026-11-24T00:27:36Z`; the provider's `updatedAt` is the same
 * instant as Go prints it: `2026-11-24 00:27:36 +0000 UTC`. Throws a TypeError for anything else.
 */
export function githubTime(text: string): string {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z| \+0000(?: UTC)?)$/.exec(text) ?? [];
  if (day === undefined || time === undefined) {
    throw new TypeError("not a time as GitHub writes it");
  }
  return `${day}T${time}Z`;
}
