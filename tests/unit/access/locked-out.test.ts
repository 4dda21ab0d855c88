/** Proves which changes of recipients are refused because somebody would be locked out by them. */
import assert from "node:assert/strict";

import { refuseLockOut } from "../../../core/access/lockedOut.js";
import { parseRecipients } from "../../../core/model/recipients.js";
import { faultsOf } from "../../support/faults.js";

const rules = (...lists: readonly string[]) =>
  parseRecipients(
    `keys: [&dev_a age1a, &dev_b age1b, &dev_q age1pq1q, &run age1run]\ncreation_rules:\n${lists
      .map((list) => `  - { path_regex: "secrets/(stack|shared)", age: [${list}] }\n`)
      .join("")}`,
  );

describe("a change of recipients", () => {
  const cases: readonly (readonly [title: string, before: string, after: string, said: RegExp | undefined])[] = [
    ["takes a developer away, and one is left", "*dev_a, *dev_b, *run", "*dev_a, *run", undefined],
    ["takes the last developer away", "*dev_b, *run", "*run, age1other", /has no developer/],
    ["leaves one recipient alone", "*dev_a, *dev_b", "*dev_a", /fewer than two recipients/],
    ["shuts out who makes it", "*dev_a, *dev_b, *run", "*dev_b, *run", /would be closed to you, who makes the change/],
    ["mixes post-quantum and classic ones", "*dev_a, *run", "*dev_a, *dev_q, *run", /post-quantum and classic/],
    ["leaves a fault that is there already", "*dev_a", "age1x, *dev_a", undefined],
    ["keeps the only fault that is there", "*run", "*run", undefined],
  ];
  for (const [title, before, after, said] of cases) {
    it(`${said === undefined ? "may be one that" : "is refused when it"} ${title}`, () => {
      const change = () => {
        refuseLockOut(rules(before), rules(after), new Set(["age1a"]));
      };
      if (said === undefined) {
        change();
      } else {
        assert.match(faultsOf(change).join("\n"), said);
      }
    });
  }
});
