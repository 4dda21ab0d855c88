import { ageOf, dayOf } from "../../../core/rotation/due.js";
import { lastChangeInGit } from "../../../core/rotation/ages.js";
import { sourcePath } from "../../../core/model/sources.js";
import { bad, type Check, ok } from "../check.js";

/** Whoever had the key could try guesses at values against fingerprints; a year is long enough to have had it. */
const LONGEST_DAYS = 365;
const NAME = "fingerprint_key";

/** The age of the key under which fingerprints are made, from git's history. */
export const fingerprints: Check = {
  area: "fingerprints",
  async look({ root, now }) {
    const located = { key: NAME, source: "stack", path: sourcePath("stack"), row: NAME };
    const changed = await lastChangeInGit(root, located);
    if (changed === undefined) {
      return [
        bad(
          "warn",
          `when ${NAME} was made cannot be told from git's history`,
          "git fetch --unshallow, when the clone is shallow",
        ),
      ];
    }
    const what = `${NAME} was made on ${changed}`;
    return ageOf(located, LONGEST_DAYS, changed, dayOf(now)).isOver
      ? [
          bad(
            "warn",
            `${what}, more than a year ago`,
            `npm run p24 -- rotate ${NAME} --generate base64; the next up writes every GitHub secret anew`,
          ),
        ]
      : [ok(what)];
  },
};
