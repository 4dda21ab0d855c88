import type { ValueSearch } from "../core/seal/valueSearch.js";
import type { Watcher } from "./range.mjs";

/** Looks for the team's values in one content, and tells of each by name and form. */
export function watcherOf(search: ValueSearch): Watcher {
  const stream = search.start();
  return {
    push: (chunk) => {
      stream.push(chunk);
    },
    end: () =>
      stream.end().map(({ secret, form, line }) => ({
        rule: `value:${secret}`,
        what: `holds the value of ${secret} (${form})`,
        repair: `take it out and rotate it: npm run p24 -- rotate ${secret.slice(secret.indexOf("/") + 1)}`,
        ...(line === undefined ? {} : { line }),
      })),
  };
}
