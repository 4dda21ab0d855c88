import { countKeys } from "../counts.js";
import { done, type Step } from "../step.js";

/** Variables that were given and belong to no source: a `.env` file on a host holds ports and names of hosts as well. */
export function others(sources: readonly string[]): Step {
  return {
    name: "other values",
    async look({ root, wishes }) {
      const given = [...(wishes.values?.values.keys() ?? []), ...(wishes.values?.unreadable.keys() ?? [])];
      const known = await countKeys(root, sources);
      const unknown = given.filter((name) => !known.has(name.toLowerCase()));
      return unknown.length === 0
        ? done(given.length === 0 ? "none were given" : "every variable that was given is a key of a source")
        : {
            state: "yours",
            what: `no source has a key for ${unknown.join(", ")}`,
            how: [
              "a secret: npm run p24 -- import SOURCE FILE --only NAME,…",
              "no secret (a port, a time zone): hosts.NAME.plain in the settings",
            ],
          };
    },
  };
}
