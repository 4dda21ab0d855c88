/**
 * GitHub's second of a write in one form. The API writes `2026-11-24T00:27:36Z`; the provider's `updatedAt` is the same
 * instant as Go prints it: `2026-11-24 00:27:36 +0000 UTC`. `undefined` for anything else.
 */
export function githubTime(text: string): string | undefined {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z| \+0000(?: UTC)?)$/.exec(text) ?? [];
  return day === undefined || time === undefined ? undefined : `${day}T${time}Z`;
}
