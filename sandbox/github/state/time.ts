/** GitHub's times have second resolution: `2026-01-31T12:00:00Z`. */
export const stamp = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

/** A time cut to its second, as GitHub stores it. */
export const second = (at: Date): Date => new Date(Math.floor(at.getTime() / 1000) * 1000);
